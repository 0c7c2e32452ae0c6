"""Objects of the API inside custom resources: their kind, apiVersion and metadata are checked as an object's are.

Walks a document beside its schema, into what is an embedded resource. Schemas without one cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.prune import pruner_of
from podwright.api.modeling.strict import Problem, problems_of
from podwright.api.quoting import quote
from podwright.api.schema import schema_of
from podwright.api.structural.node import Node

JSON = dict[str, Any]


def has_embedded(node: Node | None) -> bool:
    """Whether anything in the schema is an object of the API."""
    if node is None:
        return False
    if node.embedded or has_embedded(node.items) or has_embedded(node.additional):
        return True
    return any(has_embedded(part) for part in node.properties.values())


def _walk(node: Node, value: Any, path: str) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, dict):
        if node.embedded:
            yield path, value
        for name, child in value.items():
            if isinstance(child, (dict, list)):
                shape = node.properties.get(name)
                where = f"{path}.{name}" if path else name
                if shape is not None:
                    yield from _walk(shape, child, where)
                elif node.additional is not None:
                    yield from _walk(node.additional, child, f"{path}[{name}]")
    elif isinstance(value, list) and node.items is not None:
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield from _walk(node.items, item, f"{path}[{index}]")


def metadata_problems(metadata: Any, path: str) -> list[Problem]:
    """What is wrong with some metadata's form: one wrong type, or all unknown fields."""
    found = problems_of(schema_of(ObjectMeta), metadata)
    return [problem if problem.kind == "type" else _unknown(f"{path}.{problem.path}") for problem in found]


def _unknown(path: str) -> Problem:
    return Problem("unknown", path, f"unknown field {quote(path)}")


def problems(node: Node, document: JSON) -> list[Problem]:
    """What is wrong with the form of embedded metadata."""
    found: list[Problem] = []
    for path, value in _walk(node, document, ""):
        where = f"{path}.metadata"
        for problem in metadata_problems(value.get("metadata"), where):
            if problem.kind == "type":
                text = field_errors.invalid(where, value["metadata"], problem.message).text()
                return [Problem("type", where, text)]
            found.append(problem)
    return sorted(found, key=lambda problem: problem.path)


def clean(node: Node, document: JSON) -> None:
    """Bring embedded metadata into the API's own form, in place."""
    for _, value in _walk(node, document, ""):
        metadata = value.get("metadata")
        if isinstance(metadata, dict):
            value["metadata"] = pruner_of(schema_of(ObjectMeta))(metadata)


def validate(node: Node, document: JSON) -> list[FieldError]:
    """List what is wrong with embedded resources."""
    errors: list[FieldError] = []
    for path, value in _walk(node, document, ""):
        errors += [field_errors.required(f"{path}.{name}") for name in ("apiVersion", "kind") if name not in value]
        for name, check in _CHECKS.items():
            if name in value:
                errors += check(value[name], f"{path}.{name}")
    return errors


def _api_version(value: Any, path: str) -> list[FieldError]:
    if not isinstance(value, str):
        return [field_errors.invalid(path, value, "must be a string")]
    if not value:
        return [field_errors.invalid(path, value, "must not be empty")]
    if value.count("/") > 1:
        return [field_errors.invalid(path, value, f"unexpected GroupVersion string: {value}")]
    return []


def _kind(value: Any, path: str) -> list[FieldError]:
    if not isinstance(value, str):
        return [field_errors.invalid(path, value, "must be a string")]
    if not value:
        return [field_errors.invalid(path, value, "must not be empty")]
    found = names.dns1035_label(value.lower())
    if not found:
        return []
    return [field_errors.invalid(path, value, f"may have mixed case, but should otherwise match: {','.join(found)}")]


def _metadata(value: Any, path: str) -> list[FieldError]:
    from podwright.apiserver.strategies.meta import validate_new

    if not isinstance(value, dict):
        return []
    named = {**value, "name": value.get("name") or "fakename"}
    namespaced, rule = bool(value.get("namespace")), names.path_segment
    return validate_new(named, namespaced=namespaced, name_rule=rule, path=path, bare_finalizers=True)


_CHECKS: dict[str, Callable[[Any, str], list[FieldError]]] = {
    "apiVersion": _api_version,
    "kind": _kind,
    "metadata": _metadata,
}
