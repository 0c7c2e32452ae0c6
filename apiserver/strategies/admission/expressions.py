"""Whether the expressions of webhooks and policies compile, and to the type that is wanted.

An expression that the stored object has already is accepted again: what compiled once stays. It must never evaluate
anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from podwright.api import field_errors
from podwright.apiserver.strategies.formats import Errors

if TYPE_CHECKING:
    from podwright.api.cel.declared import Declared
    from podwright.api.cel.program import Program

JSON = dict[str, Any]
CheckExpression = Callable[[Errors, str, str], None]

PATCHES: Final = ("ApplyConfiguration", "JSONPatch")
"""Wanted types of mutations: of these only the grammar is checked."""

_GIVEN = ("object", "oldObject", "request", "namespaceObject")
_SHAPED = frozenset(("request", "namespaceObject"))
# Their fields have types that are not declared here, so what is read from them may be of any.


def checker(
    wanted: str, *, spec: JSON | None = None, params: bool = False, known: Collection[str] = ()
) -> CheckExpression:
    """A check of expressions that must evaluate to one of the `wanted` types, parted by blanks ("": any).

    `spec` is that of the policy they belong to, whose parameters and variables they may use; `params` when they may
    use parameters without one.
    """

    def check(errors: Errors, path: str, expression: str) -> None:
        if expression in known:
            return
        problem = _problem(expression, wanted, spec or {}, params=params)
        if problem:
            errors.append(field_errors.invalid(path, expression, problem))

    return check


def _problem(expression: str, wanted: str, spec: JSON, *, params: bool) -> str:
    from podwright.api.cel.errors import CompileError

    try:
        if wanted in PATCHES:
            from podwright.api.cel.parser import parse

            parse(expression)
            return ""
        program = _compile(expression, _variables(spec, params=params))
    except CompileError as error:
        return f"compilation failed: {error}"
    types = wanted.split()
    found = str(program.type)
    if not types or found in types or (found == "dyn" and program.uses & _SHAPED):
        return ""
    if len(types) > 1:
        return "" if found == "dyn" else f"must evaluate to one of [{wanted}]"
    return f"must evaluate to {wanted} but got {found}"


def _compile(expression: str, variables: Mapping[str, Declared]) -> Program:
    from podwright.api.cel.program import Declarations, compile_expression

    return compile_expression(expression, Declarations(variables))


def _variables(spec: JSON, *, params: bool) -> dict[str, Declared]:
    """What an expression may name; the policy's own variables have the types of their expressions."""
    from podwright.api.cel.declared import Declared, Field
    from podwright.api.cel.errors import CelError
    from podwright.api.cel.types import AUTHORIZER, DYN, RESOURCE_CHECK, Type

    dyn = Declared(DYN)
    given = dict[str, Declared]((name, dyn) for name in _GIVEN)
    about_this = {"requestResource": Field("requestResource", Declared(RESOURCE_CHECK))}
    given["authorizer"] = Declared(AUTHORIZER, fields=lambda: about_this)
    if params or spec.get("paramKind") is not None:
        given["params"] = dyn
    if not spec.get("variables"):
        return given
    fields: dict[str, Field] = {}
    given["variables"] = Declared(Type("object", "variables"), fields=lambda: fields)
    for variable in spec["variables"]:
        name = variable.get("name") or ""
        try:
            found = Declared(_compile(variable.get("expression") or "", given).type)
        except CelError:
            found = dyn  # it is reported where it stands
        fields[name] = Field(name, found)
    return given
