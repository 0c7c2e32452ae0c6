"""Whether the rules of a schema can be compiled, and whether they would cost too much.

Rules that were accepted before are not judged by cost again while their schema stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from podwright.api import field_errors
from podwright.api.cel.costs import LIMIT
from podwright.api.cel.schema_types import MAX_REQUEST, structural
from podwright.api.field_errors import FieldError
from podwright.apiserver.custom.rule_program import Rule, RuleError, compile_rule
from podwright.apiserver.strategies.customresourcedefinition.schema import shown_rule
from podwright.apiserver.strategies.shown import ShownError

JSON = dict[str, Any]
_EXPRESSION_LIMIT: Final = 10_000_000
_SCHEMA_LIMIT: Final = 100_000_000
_MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """`many`: how often the value can be there (None: no bound is known); `apart`: the list that keeps old and new
    values from being told to belong together."""

    path: str
    many: int | None = 1
    apart: str = ""
    root: bool = False


@dataclass(slots=True)
class _Total:
    """What all rules of a schema may cost together, beside those that enclose what is `broken`."""

    broken: frozenset[str]
    cost: int = 0
    dear: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def add(self, path: str, cost: int) -> None:
        """Count one expression."""
        self.cost = min(self.cost + cost, LIMIT)
        if cost >= _SCHEMA_LIMIT // 100:
            self.dear = sorted([*self.dear, (cost, path)], key=lambda pair: -pair[0])[:_MOST_NAMED]


def validate(schema: JSON, path: str, before: JSON | None, broken: frozenset[str] = frozenset()) -> list[FieldError]:
    """List what is wrong with all rules of a schema; `before` is the schema that was accepted earlier.

    `broken` are places where the schema itself is wrong: rules around them are not looked at.
    """
    total = _Total(broken)
    errors = _schema(schema, _Place(path, root=True), total, limited=schema != before)
    if total.cost > _SCHEMA_LIMIT:
        told = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
        errors += [field_errors.forbidden(where, told) for _, where in total.dear]
        name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
        errors.append(field_errors.forbidden(path, _too_dear(name, total.cost, _SCHEMA_LIMIT)))
    return errors


def _schema(schema: JSON, place: _Place, total: _Total, *, limited: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    extra, items = schema.get("additionalProperties"), schema.get("items")
    inner = replace(place, many=_times(place.many, _elements(schema)), root=False)
    if isinstance(extra, dict):
        errors += _schema(extra, replace(inner, path=f"{place.path}.additionalProperties"), total, limited=limited)
    for name, part in (schema.get("properties") or {}).items():
        errors += _schema(part, replace(inner, path=f"{place.path}.properties[{name}]"), total, limited=limited)
    if isinstance(items, dict):
        apart = place.apart or ("" if schema.get("x-kubernetes-list-type") == "map" else place.path)
        errors += _schema(items, replace(inner, path=f"{place.path}.items", apart=apart), total, limited=limited)
    rules: list[JSON] = schema.get("x-kubernetes-validations") or []
    if rules and not any(where.startswith(place.path) for where in total.broken):
        declared = structural(schema, root=place.root or bool(schema.get("x-kubernetes-embedded-resource")))
        if declared is None:
            return errors
        many = place.many if place.many is not None else MAX_REQUEST // (declared.min_size + 1)
        for index, source in enumerate(rules):
            where = f"{place.path}.x-kubernetes-validations[{index}]"
            try:
                rule = compile_rule(source, declared)
            except RuleError as error:
                path = f"{where}.{error.expression}"
                errors.append(ShownError("Invalid", path, shown_rule(source), str(error)))
                continue
            if rule is not None:
                errors += _costs(rule, where, many, total, limited=limited)
                errors += _old_values(rule, where, place)
    return errors


def _costs(rule: Rule, where: str, many: int, total: _Total, *, limited: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    cost = min(rule.program.cost.high * many, LIMIT)
    if limited and cost > _EXPRESSION_LIMIT:
        text = _too_dear("estimated rule cost", cost, _EXPRESSION_LIMIT)
        errors.append(field_errors.forbidden(f"{where}.rule", text))
    total.add(f"{where}.rule", cost)
    if rule.message is not None:
        cost = rule.message.cost.high
        if limited and cost > _EXPRESSION_LIMIT:
            text = _too_dear("estimated messageExpression cost", cost, _EXPRESSION_LIMIT)
            errors.append(field_errors.forbidden(f"{where}.messageExpression", text))
        total.add(f"{where}.messageExpression", cost)
    return errors


def _old_values(rule: Rule, where: str, place: _Place) -> list[FieldError]:
    if rule.uses_old:
        if not place.apart:
            return []
        detail = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {place.apart}"
        return [field_errors.invalid(f"{where}.rule", rule.source.get("rule"), detail)]
    optional = rule.source.get("optionalOldSelf")
    if optional is None:
        return []
    return [field_errors.invalid(f"{where}.optionalOldSelf", optional, "may not be set if oldSelf is not used in rule")]


def _elements(schema: JSON) -> int | None:
    """How many times a value's parts can be there; None without a bound."""
    kind = schema.get("type")
    if kind == "array":
        return None if schema.get("maxItems") is None else max(schema["maxItems"], 0)
    if kind == "object" and schema.get("additionalProperties") is not None:
        return None if schema.get("maxProperties") is None else max(schema["maxProperties"], 0)
    return 1


def _times(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else min(one * other, LIMIT)


def _too_dear(name: str, cost: int, limit: int) -> str:
    factor = cost / limit
    shown = "more than 100x" if factor > 100 else f"{factor:f}x" if factor < 1.5 else f"{factor:.1f}x"
    advice = (
        "try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings"
    )
    return f"{name} exceeds budget by factor of {shown} ({advice} are declared)"
