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

JSON = dict[str, Any]
CheckExpression = Callable[[Errors, str, str], None]

_CHANGES: Final = {"ApplyConfiguration": "Object", "JSONPatch": "list(JSONPatch)"}
"""What the expressions of a mutation evaluate to, by its type."""


def checker(
    wanted: str, *, spec: JSON | None = None, params: bool = False, authorizer: bool = True, known: Collection[str] = ()
) -> CheckExpression:
    """A check of expressions that must evaluate to one of the `wanted` types, parted by blanks ("": any).

    A mutation's type stands for what its expressions evaluate to. `spec` is that of the policy they belong to, whose
    parameters and variables they may use; `params` when they may use parameters without one.
    """

    def check(errors: Errors, path: str, expression: str) -> None:
        if expression in known:
            return
        problem = _problem(expression, wanted, spec or {}, params=params, authorizer=authorizer)
        if problem:
            errors.append(field_errors.invalid(path, expression, problem))

    return check


def _problem(expression: str, wanted: str, spec: JSON, *, params: bool, authorizer: bool) -> str:
    from podwright.api.cel.admission import changes, declarations
    from podwright.api.cel.errors import CompileError
    from podwright.api.cel.program import compile_expression
    from podwright.api.cel.schema_types import untyped

    given = untyped() if params or spec.get("paramKind") is not None else None
    makes = _CHANGES.get(wanted, "")
    declared = declarations(
        _variables(spec, given), params=given, authorizer=authorizer, messages=changes() if makes else None
    )
    try:
        kind = compile_expression(expression, declared).type
    except CompileError as error:
        return f"compilation failed: {error}"
    types, found = [makes] if makes else wanted.split(), str(kind) if kind.params else kind.name
    if not types or found in types:
        return ""
    named = f"one of [{wanted}]" if len(types) > 1 else types[0]
    return f"must evaluate to {named} but got {found}"


def _variables(spec: JSON, params: Declared | None) -> Mapping[str, Declared] | None:
    """The policy's own variables; what is wrong with them is reported where they stand."""
    from podwright.apiserver.admission.policies.variables import compile_variables, types_of

    return types_of(compile_variables(spec["variables"], params)) if spec.get("variables") else None
