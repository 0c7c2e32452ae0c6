"""What looks wrong in the rules of a policy when the kinds that they are about are known.

Whoever asks finds the kinds: `named` tells which resources a policy names outright (wildcards name none). Findings are
worded as API clients know them; they never keep a policy from acting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from podwright.api.cel.admission import declarations
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import CompileError
from podwright.api.cel.program import Declarations, compile_expression
from podwright.api.cel.schema_types import of_type, structural, untyped
from podwright.api.schema import TypeSchema

JSON = dict[str, Any]
Name = tuple[str, str, str]
"""Group, version and plural of a resource."""
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind whose type is known: a schema class's, or the structural schema of a definition."""

    group: str
    version: str
    kind: str
    schema: TypeSchema | Mapping[str, Any]

    def __str__(self) -> str:
        """Return the form in which findings name it."""
        return f"{self.group}/{self.version}, Kind={self.kind}"

    def declared(self) -> Declared:
        """What is declared of its objects."""
        if isinstance(self.schema, TypeSchema):
            return of_type(self.schema, self.kind)
        return structural(self.schema, root=True, name=self.kind) or untyped()


def named(spec: JSON) -> list[Name]:
    """The resources that the rules of a policy name, ten of each rule at most."""
    found: set[Name] = set()
    for rule in (spec.get("matchConstraints") or {}).get("resourceRules") or ():
        groups, versions = rule.get("apiGroups") or (), rule.get("apiVersions") or ()
        if any("*" in part for part in (*groups, *versions)):
            continue
        plurals = [plural for plural in rule.get("resources") or () if "*" not in plural and "/" not in plural]
        names = product(sorted(groups), sorted(versions), sorted(plurals))
        found.update(name for name, _ in zip(names, range(_MOST), strict=False))
    return sorted(found)


def findings(spec: JSON, kinds: Sequence[Kind], params: Kind | None) -> list[JSON]:
    """List what looks wrong in the rules of a policy, as its status has it."""
    if not kinds:
        return []
    ordered = sorted(kinds, key=lambda kind: (kind.group, kind.version, kind.kind))
    about = [(kind, _declared(spec, kind, params)) for kind in ordered]
    return [
        {"fieldRef": path, "warning": warning}
        for path, expression in _expressions(spec)
        if (warning := "\n".join(_problems(expression, about)))
    ]


def _expressions(spec: JSON) -> Iterator[tuple[str, str]]:
    for index, validation in enumerate(spec.get("validations") or ()):
        for key in ("expression", "messageExpression"):
            if validation.get(key):
                yield f"spec.validations[{index}].{key}", validation[key]


def _problems(expression: str, about: Sequence[tuple[Kind, Declarations]]) -> Iterator[str]:
    for kind, declared in about:
        try:
            compile_expression(expression, declared)
        except CompileError as error:
            yield f"{kind}: {error}\n"


def _declared(spec: JSON, kind: Kind, params: Kind | None) -> Declarations:
    """What expressions may name when they are about objects of a kind, variables with the types that they have then."""
    obj = kind.declared()
    given = None if spec.get("paramKind") is None else untyped() if params is None else params.declared()
    variables: dict[str, Declared] = {}
    for variable in spec.get("variables") or ():
        try:
            program = compile_expression(
                variable.get("expression") or "", declarations(variables, obj=obj, params=given)
            )
            variables[variable.get("name") or ""] = Declared(program.type)
        except CompileError:
            variables[variable.get("name") or ""] = untyped()
    return declarations(variables, obj=obj, params=given)
