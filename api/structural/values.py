"""Whether a value is what its schema says: types, bounds, formats, enumerations, and their combinations.

The findings have the form that API clients know: `spec.size in body must be of type integer: "string"`. With a former
value, findings about parts that did not change are left out. Nothing is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.patterns import compile_pattern
from podwright.api.structural import correlation, numbers
from podwright.api.structural.formats import fits
from podwright.api.structural.node import MISSING, Node
from podwright.api.structural.result import Result, invalid, nowhere, wrong_type

JSON = dict[str, Any]


def validate(node: Node, value: Any, path: str = "", old: Any = MISSING) -> list[FieldError]:
    """List what is wrong with a value. Messages and fields begin at `path`."""
    return _checked(node, value, path, old).errors


def _checked(node: Node, value: Any, path: str, old: Any) -> Result:
    """Check a value; one that did not change is let through."""
    result = _run(node, value, path, old)
    if not result.valid and old is not MISSING and correlation.same(value, old):
        return Result()
    return result


def type_of(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "integer" if isinstance(value, int) else "number"


def _run(node: Node, value: Any, path: str, old: Any) -> Result:
    result = Result()
    kind = type_of(value)
    if node.types or node.format:
        _type(node, value, kind, path, result)
    if value is None:
        _enumeration(node, value, path, result)
        return result
    if node.all_of or node.any_of or node.one_of or node.not_ is not None:
        _combined(node, value, path, old, result)
    result.count += 1
    check = _CHECKS.get(kind)
    if check is not None:
        check(node, value, path, old, result)
    _enumeration(node, value, path, result)
    result.count += 2
    return result


def _type(node: Node, value: Any, kind: str, path: str, result: Result) -> None:
    types = node.types
    if value is None:
        if types and not node.nullable:
            error = wrong_type(path, ",".join(types), "null")
            result.add(error)
        return
    fits_type = kind in types or (kind == "integer" and "number" in types)
    fits_type = fits_type or (kind == "number" and "integer" in types and float(value).is_integer())
    numeric = "number" in types or "integer" in types
    error: FieldError | None = None
    if node.format and kind not in {"string", "array"} and not fits_type:
        error = wrong_type(path, node.format, {"integer": "int64", "number": "float64"}.get(kind, ""))
    elif node.format and not numeric and kind in {"string", "array"}:
        pass  # the format says it all
    elif types and not fits_type:
        error = wrong_type(path, ",".join(types), kind)
    if error is None:
        result.count += 2
    else:
        result.add(error)
        result.count += 1


def _enumeration(node: Node, value: Any, path: str, result: Result) -> None:
    if node.enum is None or any(correlation.same(value, allowed) for allowed in node.enum):
        return
    allowed = [text if isinstance(text, str) else orjson.dumps(text).decode() for text in node.enum]
    error = field_errors.not_supported(path, value, allowed)
    result.add(error)


def _string(node: Node, value: str, path: str, _: Any, result: Result) -> None:
    error: FieldError | None = None
    if node.max_length is not None and len(value) > node.max_length:
        error = field_errors.too_long(path, "", node.max_length)
    elif node.min_length is not None and len(value) < node.min_length:
        error = invalid(path, value, f"should be at least {node.min_length} chars long")
    elif node.pattern and compile_pattern(node.pattern).search(value) is None:
        error = invalid(path, value, f"should match '{node.pattern}'")
    if error is not None:
        result.add(error)
    if node.format and not fits(node.format, value):
        error = wrong_type(path, node.format, value)
        result.add(error)


def _array(node: Node, value: list[Any], path: str, old: Any, result: Result) -> None:
    if node.items is not None:
        for index, item in enumerate(value):
            former = MISSING if old is MISSING else correlation.item(node, old, item)
            result.merge(_checked(node.items, item, f"{path}[{index}]", former))
    size = len(value)
    error: FieldError | None = None
    if node.min_items is not None and size < node.min_items:
        error = invalid(path, size, f"should have at least {node.min_items} items")
    elif node.max_items is not None and size > node.max_items:
        error = field_errors.too_many(path, size, node.max_items)
    elif node.unique and any(correlation.same(a, b) for i, a in enumerate(value) for b in value[:i]):
        error = invalid(path, "", "shouldn't contain duplicates")
    if error is not None:
        result.add(error)


def _object(node: Node, value: JSON, path: str, old: Any, result: Result) -> None:
    size = len(value)
    if node.min_properties is not None and size < node.min_properties:
        error = invalid(path, size, f"should have at least {node.min_properties} properties")
        result.add(error)
    if node.max_properties is not None and size > node.max_properties:
        error = field_errors.too_many(path, size, node.max_properties)
        result.add(error)
    if node.closed or node.additional is not None:
        _others(node, value, path, old, result)
    for name, shape in node.properties.items():
        if name in value:
            where = f"{path}.{name}" if path else name
            former = MISSING if old is MISSING else correlation.member(old, name)
            result.merge(_checked(shape, value[name], where, former))
    for name in node.required:
        if name not in value:
            error = field_errors.required(f"{path}.{name}" if path else name)
            result.add(error)


def _others(node: Node, value: JSON, path: str, old: Any, result: Result) -> None:
    for name, child in value.items():
        if name in node.properties:
            continue
        if node.additional is not None:
            former = MISSING if old is MISSING else correlation.member(old, name)
            result.merge(_checked(node.additional, child, f"{path}.{name}", former))
        else:
            error = field_errors.invalid(path, "", f"{path}.{name} in body is a forbidden property")
            result.add(error)


def _combined(node: Node, value: Any, path: str, old: Any, result: Result) -> None:
    if node.any_of:
        _any(node.any_of, value, path, old, result)
    if node.one_of:
        _one(node.one_of, value, path, old, result)
    if node.all_of:
        parts = [_run(part, value, path, old) for part in node.all_of]
        for part in parts:
            result.merge(part)
        held = sum(part.valid for part in parts)
        if held != len(parts):
            more = "" if held else ". None validated"
            _nowhere(result, f'"{path}" must validate all the schemas (allOf){more}')
    if node.not_ is not None and _run(node.not_, value, path, old).valid:
        _nowhere(result, f'"{path}" must not validate the schema (not)')


def _any(parts: tuple[Node, ...], value: Any, path: str, old: Any, result: Result) -> None:
    best: Result | None = None
    for part in parts:
        found = _run(part, value, path, old)
        if found.valid:
            result.merge(found)
            return
        if best is None or found.count > best.count:
            best = found
    _nowhere(result, f'"{path}" must validate at least one schema (anyOf)')
    if best is not None:
        result.merge(best)


def _one(parts: tuple[Node, ...], value: Any, path: str, old: Any, result: Result) -> None:
    found = [_run(part, value, path, old) for part in parts]
    valid = [part for part in found if part.valid]
    if len(valid) == 1:
        result.merge(valid[0])
        return
    why = f"Found {len(valid)} valid alternatives" if valid else "Found none valid"
    _nowhere(result, f'"{path}" must validate one and only one schema (oneOf). {why}')
    if not valid:
        result.merge(max(found, key=lambda part: part.count))


def _nowhere(result: Result, text: str) -> None:
    result.add(nowhere(text))


_CHECKS: dict[str, Callable[[Node, Any, str, Any, Result], None]] = {
    "string": _string,
    "integer": numbers.check,
    "number": numbers.check,
    "array": _array,
    "object": _object,
}
