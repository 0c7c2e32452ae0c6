"""What looks wrong in the mutations of a policy, when the kinds that it names are known.

Told to whoever writes the policy, as warnings: it may be about other kinds too, or about ones that come later. It must
never refuse anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from podwright.api.resources import RESOURCES, find
from podwright.apiserver.strategy import Lookup

if TYPE_CHECKING:
    from podwright.api.cel.policy_types import Name
    from podwright.api.schema import TypeSchema

JSON = dict[str, Any]
_DEFINITIONS: Final = find("customresourcedefinitions", "apiextensions.k8s.io")
_EXPRESSIONS: Final = ("applyConfiguration", "jsonPatch")


def mutation_warnings(spec: JSON, lookup: Lookup) -> list[str]:
    """List what looks wrong; `lookup` finds the kinds that clients define."""
    from podwright.api.cel.policy_types import named

    return [text for name in named(spec) for text in _of_kind(spec, name, lookup)]


def _of_kind(spec: JSON, name: Name, lookup: Lookup) -> Iterator[str]:
    from podwright.api.cel.admission import declarations
    from podwright.api.cel.errors import CompileError
    from podwright.api.cel.program import compile_expression
    from podwright.api.cel.schema_types import of_type, untyped
    from podwright.api.cel.typed_messages import TypedMessages
    from podwright.apiserver.admission.policies.variables import compile_variables, types_of

    found = _schema(name, lookup)
    if found is None:
        return
    kind, schema = found
    params = None if spec.get("paramKind") is None else untyped()
    variables = types_of(compile_variables(spec.get("variables") or (), params))
    obj = of_type(schema, kind)
    declared = declarations(variables, obj=obj, params=params, messages=TypedMessages(schema))
    for index, mutation in enumerate(spec.get("mutations") or ()):
        for key in _EXPRESSIONS:
            expression = (mutation.get(key) or {}).get("expression")
            if not expression:
                continue
            try:
                compile_expression(expression, declared)
            except CompileError as error:
                what = "; ".join(issue.message for issue in error.issues)
                yield f"spec.mutations[{index}].{key}.expression: {name[0]}/{name[1]}, Kind={kind}: {what}"


def _schema(name: Name, lookup: Lookup) -> tuple[str, TypeSchema] | None:
    from podwright.api.schema import schema_of

    group, version, plural = name
    for row in RESOURCES:
        if (row.group, row.version, row.plural) == name:
            return row.kind, schema_of(row.cls)
    definition = lookup.get(_DEFINITIONS, f"{plural}.{group}")
    for each in definition["spec"].get("versions") or () if definition is not None else ():
        raw = (each.get("schema") or {}).get("openAPIV3Schema")
        if definition is not None and each["name"] == version and raw is not None:
            from podwright.api.structural.node import Node
            from podwright.api.structural.typed import type_schema

            kind: str = definition["spec"]["names"]["kind"]
            return kind, type_schema(Node(raw), f"{group}.{version}.{kind}")
    return None
