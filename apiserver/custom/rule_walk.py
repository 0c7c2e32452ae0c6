"""All rules of a version, asked about an object and everything within it.

Compiled once, into nodes beside the schema's that lead to rules. Old values follow members by name and items of lists
of type map by their keys. What a rule that is not about changes finds wrong in a part that did not change is let
through with a warning.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from podwright.api import field_errors
from podwright.api.cel.declared import Declared
from podwright.api.cel.frame import Budget
from podwright.api.cel.schema_types import structural
from podwright.api.field_errors import FieldError
from podwright.api.structural import correlation
from podwright.api.structural.node import MISSING, Node
from podwright.apiserver.custom.rule_program import BudgetSpentError, Rule, RuleError, compile_rule, evaluate

JSON = dict[str, Any]


@dataclass(slots=True)
class _Point:
    """The rules of one value, and the way to those within it."""

    node: Node
    rules: list[Rule] = field(default_factory=list[Rule])
    broken: list[str] = field(default_factory=list[str])
    members: dict[str, _Point] = field(default_factory=dict[str, "_Point"])
    additional: _Point | None = None
    items: _Point | None = None

    def leads_anywhere(self) -> bool:
        """Whether there are rules here or within."""
        return bool(self.rules or self.broken or self.members or self.additional or self.items)


@dataclass(frozen=True, slots=True)
class _Trace:
    """A value with what it was before, and the nearest value around it that is known to continue an old one."""

    value: Any
    old: Any
    around: _Trace | None = None

    def unchanged(self) -> bool:
        """Whether the value, or what it is a part of, is as it was."""
        if self.old is not MISSING:
            return correlation.same(self.value, self.old)
        return self.around is not None and self.around.unchanged()


class SchemaRules:
    """The rules of one version, or of a part of it that is no object of the API (`root`)."""

    def __init__(self, node: Node, *, root: bool = True) -> None:
        self._root = _compile(node, root=root)
        self.present = self._root is not None

    def validate(self, obj: Any, old: Any, warnings: list[str] | None = None) -> list[FieldError]:
        """List what the rules find in an object, or in another value if that is what they are of; `old` is None for a
        new one. What is let through is added to the warnings."""
        if self._root is None:
            return []
        errors: list[FieldError] = []
        trace = _Trace(obj, MISSING if old is None else old)
        try:
            budget = Budget(clock=time.monotonic)  # whatever rules cost, they must not hold everybody up
            for error, kept in _ask(self._root, trace, "", old, budget):
                if not kept:
                    errors.append(error)
                elif warnings is not None:
                    warnings.append(error.text())
        except BudgetSpentError as spent:
            errors.append(spent.error)
        return errors


def _compile(node: Node, *, root: bool) -> _Point | None:
    point = _Point(node)
    if node.rules:
        declared = structural(node.raw, root=root or node.embedded)
        if declared is not None:
            _add_rules(point, node, declared)
    for name, part in node.properties.items():
        inner = _compile(part, root=False)
        if inner is not None:
            point.members[name] = inner
    point.additional = _compile(node.additional, root=False) if node.additional is not None else None
    point.items = _compile(node.items, root=False) if node.items is not None else None
    return point if point.leads_anywhere() else None


def _add_rules(point: _Point, node: Node, declared: Declared) -> None:
    for source in node.rules:
        try:
            rule = compile_rule(source, declared)
        except RuleError as error:
            point.broken.append(f"rule compile error: {error}")
        else:
            if rule is not None:
                point.rules.append(rule)


def _ask(point: _Point, trace: _Trace, path: str, old: Any, budget: Budget) -> Iterator[tuple[FieldError, bool]]:
    """What the rules find, and whether it was so before."""
    value = trace.value
    if value is None:
        return
    for text in point.broken:
        yield field_errors.invalid(path, point.node.type, text), False
    bindings = {"self": value} if old is None else {"self": value, "oldSelf": old}
    for rule in point.rules:
        found = evaluate(rule, point.node.type, path, bindings, budget)
        if found is not None:
            yield found.error, found.judged and not rule.uses_old and trace.unchanged()
    if isinstance(value, dict):
        yield from _members(point, trace, path, old, budget)
    elif isinstance(value, list) and point.items is not None:
        for index, item in enumerate(value):
            former = correlation.item(point.node, old, item)
            inner = _Trace(item, former, trace)
            yield from _ask(point.items, inner, f"{path}[{index}]", None if former is MISSING else former, budget)


def _members(point: _Point, trace: _Trace, path: str, old: Any, budget: Budget) -> Iterator[tuple[FieldError, bool]]:
    value: JSON = trace.value
    before: JSON = old if isinstance(old, dict) else {}
    for name, child in value.items():
        inner = point.members.get(name)
        where = f"{path}.{name}" if path else name
        if inner is None and point.additional is not None and name not in point.node.properties:
            inner, where = point.additional, f"{path}[{name}]"
        if inner is not None:
            former = before.get(name, MISSING) if trace.old is not MISSING else MISSING
            yield from _ask(inner, _Trace(child, former, trace), where, before.get(name), budget)
