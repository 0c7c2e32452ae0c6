"""Whether the defaults of a schema are what it allows: of the right type, and without fields that it does not know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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
    return errors + [_under(path, error) for error in validate_value(node, value)]


def _under(path: str, error: FieldError) -> FieldError:
    return replace(error, field=f"{path}.{error.field.removeprefix('.')}" if error.field else path)
