"""The rules about numbers: the range of their type, bounds, and multiples.

Whole numbers are compared with bounds as whole numbers, which cuts a bound's fraction off; that is how it always was.
"""

from __future__ import annotations

import struct
from typing import Any

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.quoting import show
from podwright.api.structural.node import Node
from podwright.api.structural.result import Result, invalid, nowhere

_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def check(node: Node, value: float, path: str, _: Any, result: Result) -> None:
    """Check a number."""
    kind, form = _kind_of(node)
    errors = [*_range(value, kind, form, "Checked", path), *_multiple(node, value, kind, form, path)]
    errors += _bound(node, value, (kind, form), path, least=True)
    errors += _bound(node, value, (kind, form), path, least=False)
    for error in errors:
        result.add(error)
    result.count += 1


def _kind_of(node: Node) -> tuple[str, str]:
    """The type and format whose range is checked: only where there is exactly one type."""
    if len(node.types) != 1 or node.types[0] not in {"integer", "number"}:
        return "", ""
    return node.types[0], node.format


def _range(value: float, kind: str, form: str, what: str, path: str) -> list[FieldError]:
    if kind == "integer":
        low, high = _RANGES[form or "int64"]
        fits = float(value).is_integer() and low <= int(value) <= high
    elif kind == "number" and form == "float":
        try:
            struct.pack("<f", value)
            fits = True
        except OverflowError:
            fits = False
    else:
        fits = True
    if fits:
        return []
    named = f"with format {form}" if form else "(default format)"
    return [nowhere(f"{what} value must be of type {kind} {named} in {path}")]


def _multiple(node: Node, value: float, kind: str, form: str, path: str) -> list[FieldError]:
    factor = node.multiple_of
    if factor is None:
        return []
    errors = _range(factor, kind, form, "MultipleOf", path)
    whole = isinstance(value, int) and not errors
    divisor = int(factor) if whole else factor
    if divisor <= 0:
        detail = f"factor MultipleOf declared for {path} must be positive: {show(divisor)}"
        return [*errors, field_errors.invalid(path, divisor, detail)]
    quotient = value / divisor if divisor >= 1 else 1 / divisor * value
    fits = value % divisor == 0 if whole else _is_whole(quotient)
    return errors if fits else [*errors, invalid(path, value, f"should be a multiple of {show(divisor)}")]


def _is_whole(value: float) -> bool:
    return value.is_integer() or abs(value - round(value)) < 1e-9 * max(abs(value), 1e-300)


def _bound(node: Node, value: float, typed: tuple[str, str], path: str, *, least: bool) -> list[FieldError]:
    bound, exclusive = (node.minimum, node.exclusive_minimum) if least else (node.maximum, node.exclusive_maximum)
    if bound is None:
        return []
    errors = _range(bound, *typed, "Minimum boundary" if least else "Maximum boundary", path)
    if isinstance(value, int) and not errors:
        bound = int(bound)
    over = bound - value if least else value - bound
    if over < 0 or (over == 0 and not exclusive):
        return errors
    words = {
        (True, True): "greater than", (True, False): "greater than or equal to", (False, True): "less than",
        (False, False): "less than or equal to",
    }[least, exclusive]  # fmt: skip
    return [*errors, invalid(path, value, f"should be {words} {show(bound)}")]
