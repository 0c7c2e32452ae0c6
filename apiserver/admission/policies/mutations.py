"""One mutation of a policy: from what its expression makes to the changed object.

    ApplyConfiguration   `Object{...}`, merged into the object as apply merges; what is atomic may not be in it
    JSONPatch            `[JSONPatch{...}]`; when a test operation fails nothing is changed

Pure but for evaluating. What is wrong is said as API clients know it; it must never change the object it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from podwright.api.apply.atomics import atomics
from podwright.api.apply.checking import Unfit, check
from podwright.api.apply.merging import merge
from podwright.api.apply.shapes import BadItem, Shape
from podwright.api.cel.errors import CelError
from podwright.api.cel.frame import Budget
from podwright.api.cel.messages import json_of
from podwright.api.cel.program import Declarations
from podwright.api.cel.values import ObjectView, is_list, is_map
from podwright.api.patch import json_patch
from podwright.api.patch.errors import FailedTest, PatchError
from podwright.apiserver.admission.expression import Expression, ExpressionError
from podwright.apiserver.admission.form import Form

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """The object that is changed, and what it is."""

    obj: JSON
    form: Form
    shape: Shape


class Mutation(Protocol):
    """One change, compiled."""

    def changed(self, target: Target, given: Mapping[str, Any], budget: Budget) -> JSON:
        """Return the changed object; parts may be shared. Raises ExpressionError."""
        ...


def compile_mutation(source: JSON, declarations: Declarations) -> Mutation:
    """Compile one entry of a policy's mutations."""
    if source.get("patchType") == "JSONPatch":
        return _Patch(Expression((source.get("jsonPatch") or {}).get("expression") or "", declarations))
    return _Application(Expression((source.get("applyConfiguration") or {}).get("expression") or "", declarations))


class _Application:
    """Sets fields, as apply does."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression

    def changed(self, target: Target, given: Mapping[str, Any], budget: Budget) -> JSON:
        """See `Mutation`."""
        made = self._expression.value(given, budget)
        if not isinstance(made, ObjectView):
            raise _wrong("invalid return type: an Object is wanted")
        _check_names(made)
        resource = target.form.kind
        config = {**_json(made), "apiVersion": resource.api_version, "kind": resource.kind}
        try:
            check(target.form.codec.schema, target.shape, config)
        except Unfit as error:
            raise _wrong(f"error applying patch: failed to convert patch object to typed object: {error}") from error
        whole = list(atomics(target.shape, config))
        if whole:
            why = f"may not mutate atomic arrays, maps or structs: {', '.join(whole)}"
            raise _wrong(f"error applying patch: invalid ApplyConfiguration: {why}")
        try:
            return merge(target.shape, target.obj, config)
        except BadItem as error:
            raise _wrong(f"error applying patch: failed to merge patch: {error}") from error


class _Patch:
    """Changes values at paths."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression

    def changed(self, target: Target, given: Mapping[str, Any], budget: Budget) -> JSON:
        """See `Mutation`."""
        made = self._expression.value(given, budget)
        if not is_list(made) or not all(isinstance(each, ObjectView) for each in made):
            raise _wrong("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch")
        for operation in made:
            value = operation.document.get("value")
            if isinstance(value, ObjectView):
                _check_names(value)
        try:
            found = json_patch.apply(target.obj, _json(made))
        except FailedTest:
            return target.obj
        except PatchError as error:
            raise _wrong(f"JSON Patch: {error.message}") from error
        unknown = [problem for problem in target.form.codec.check(found) if problem.kind == "unknown"]
        if unknown:
            raise _wrong(f"JSON Patch: {unknown[0].message}")
        return found


def _json(made: Any) -> Any:
    try:
        return json_of(made)
    except CelError as error:
        raise _wrong(f"the result has no form in JSON: {error}") from error


def _check_names(made: ObjectView) -> None:
    """Refuse `Object.spec{selector: Object.spec.other{}}`: an object's type names the path at which it stands."""
    problems = "\n".join(_misnamed(made, made.declared.type.name))
    if problems:
        raise _wrong(f"type mismatch: {problems}")


def _misnamed(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, ObjectView):
        name = value.declared.type.name
        if name != path:
            matches = "which matches field name path from root Object type"
            yield f'unexpected type name "{name}", expected "{path}", {matches}'
        for key, part in value.document.items():
            yield from _misnamed(part, f"{path}.{key}")
    elif is_list(value):
        for part in value:
            yield from _misnamed(part, path)
    elif is_map(value):
        for key in value:
            yield from _misnamed(value[key], path)


def _wrong(why: str) -> ExpressionError:
    return ExpressionError(why)
