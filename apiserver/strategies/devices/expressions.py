"""Expressions that select devices: what they may name, and what is wrong with one."""

from __future__ import annotations

from functools import cache
from typing import Final

from podwright.api import field_errors
from podwright.api.cel import types
from podwright.api.cel.declared import Declared, Field
from podwright.api.cel.errors import CompileError
from podwright.api.cel.program import Declarations, compile_expression
from podwright.api.field_errors import FieldError

_LONGEST: Final = 10 * 1024
_DEAREST: Final = 1_000_000
_NAMES_LIMIT, _FACTS_LIMIT, _TEXT_LIMIT = 96, 32, 64


def problem_of(path: str, expression: str) -> FieldError | None:
    """What is wrong with an expression, or None."""
    if len(expression.encode()) > _LONGEST:
        return field_errors.too_long(path, "", _LONGEST)
    try:
        program = compile_expression(expression, _declarations())
    except CompileError as error:
        return field_errors.invalid(path, expression, f"compilation failed: {error}")
    if program.type not in {types.BOOL, types.DYN}:
        detail = f"must evaluate to bool or the unknown type, not {program.type}"
        return field_errors.invalid(path, expression, detail)
    if program.cost.high > _DEAREST:
        return field_errors.forbidden(path, "too complex, exceeds cost limit")
    return None


@cache
def _declarations() -> Declarations:
    """`device` with its driver, and maps of attributes and capacities by domain and name."""
    text = Declared(types.STRING, max_elements=_NAMES_LIMIT)
    fields = {
        "driver": Field("driver", text),
        "attributes": Field("attributes", _by_domain(types.DYN)),
        "capacity": Field("capacity", _by_domain(types.QUANTITY)),
        "allowMultipleAllocations": Field("allowMultipleAllocations", Declared(types.BOOL)),
    }
    device = Declared(types.Type("object", "kubernetes.DRADevice"), fields=lambda: fields)
    return Declarations({"device": device})


def _by_domain(held: types.Type) -> Declared:
    key = Declared(types.STRING, max_elements=_NAMES_LIMIT)
    value = Declared(held, max_elements=_TEXT_LIMIT)
    inner = Declared(types.map_of(types.STRING, held), item=value, key=key, max_elements=_FACTS_LIMIT)
    return Declared(types.map_of(types.STRING, inner.type), item=inner, key=key, max_elements=_FACTS_LIMIT)
