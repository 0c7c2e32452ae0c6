"""The objects that hold the parameters of a binding: one by its name, or several by their labels.

Objects of custom kinds count like any other. They are read from the server's own caches and are shared: nobody may
change them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from podwright.api.labels import Selector, SelectorError
from podwright.api.resources import Resource
from podwright.apiserver.strategy import Lookup

JSON = dict[str, Any]


class ConfigurationError(Exception):
    """A policy or binding cannot be put into force for a write; the text says why."""


def resource_of(kind: JSON, served: Iterable[Resource]) -> Resource:
    """The resource of a kind of parameters. Raises ConfigurationError when nothing of that kind is served."""
    api_version, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    for resource in served:
        if resource.kind == name and resource.api_version == api_version:
            return resource
    group, _, version = api_version.rpartition("/")
    msg = f"failed to find resource referenced by paramKind: '{group}/{version}, Kind={name}'"
    raise ConfigurationError(msg)


def find_params(resource: Resource, ref: JSON, namespace: str, lookup: Lookup) -> list[JSON]:
    """The parameters of a binding for a write in `namespace`; none where that is allowed. Raises ConfigurationError."""
    given = ref.get("namespace") or ""
    if given and not resource.namespaced:
        msg = "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
        raise ConfigurationError(msg)
    where = (given or namespace) if resource.namespaced else ""
    if resource.namespaced and not where:
        msg = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
        raise ConfigurationError(msg)
    found = _found(resource, ref, where, lookup)
    if not found and ref.get("parameterNotFoundAction") == "Deny":
        msg = "no params found for policy binding with `Deny` parameterNotFoundAction"
        raise ConfigurationError(msg)
    return found


def _found(resource: Resource, ref: JSON, namespace: str, lookup: Lookup) -> list[JSON]:
    if ref.get("name"):
        obj = lookup.get(resource, ref["name"], namespace)
        return [] if obj is None else [obj]
    try:
        selector = Selector.from_label_selector(ref.get("selector"))
    except SelectorError as error:
        raise ConfigurationError(str(error)) from error
    return [obj for obj in lookup.list(resource, namespace) if selector.matches(obj["metadata"].get("labels"))]
