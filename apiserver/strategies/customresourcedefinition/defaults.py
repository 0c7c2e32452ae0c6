"""Whether the defaults of a schema are what it allows: of the right type, without fields that it does not know, and as
its own conditions want them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.structural.correlation import same
from podwright.api.structural.node import Node
from podwright.api.structural.pruning import prune, prune_value
from podwright.api.structural.values import validate as validate_value
from podwright.apiserver.custom import embedded

JSON = dict[str, Any]


def validate(node: Node, path: str) -> list[FieldError]:
    """List what is wrong with all defaults in a schema."""
    errors: list[FieldError] = []
    if node.default is not None:
        errors += _default(node, f"{path}.default")
    if node.items is not None:
        errors += validate(node.items, f"{path}.items")
    for name, part in node.properties.items():
        errors += validate(part, f"{path}.properties[{name}]")
    return errors


def _default(node: Node, path: str) -> list[FieldError]:
    value = node.default
    errors: list[FieldError] = []
    pruned = prune(node, value) if node.embedded and isinstance(value, dict) else prune_value(node, value)
    if not same(pruned, value):
        errors.append(field_errors.invalid(path, value, "must not have unknown fields"))
    if embedded.has_embedded(node) and isinstance(value, dict):
        found = embedded.validate(node, value)
        if found:
            return [*errors, *(_under(path, error) for error in found)]
    found = validate_value(node, value) or _conditions(node, value)
    return errors + [_under(path, error) for error in found]


def _conditions(node: Node, value: Any) -> list[FieldError]:
    """What the schema's conditions find in a default that is kept, and in one that is new."""
    if b'"x-kubernetes-validations"' not in orjson.dumps(node.raw):
        return []
    from podwright.apiserver.custom.rule_walk import SchemaRules

    rules = SchemaRules(node, root=False)
    found = [*rules.validate(value, None), *rules.validate(value, value)]
    return list({error.text(): error for error in found}.values())


def _under(path: str, error: FieldError) -> FieldError:
    field = error.field.removeprefix(".")
    dot = "." if field and not field.startswith("[") else ""
    return replace(error, field=f"{path}{dot}{field}")
