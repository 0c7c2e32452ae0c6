"""The operations of each resource, in a form of which both OpenAPI dialects are made.

An operation says by which method and path something is done, to which kind, what it takes and what it answers. It must
list exactly what the server routes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from podwright.apiserver.openapi.entry import GVK, SUBRESOURCES, Entry

_ID_VERBS = {
    "list": "list", "post": "create", "get": "read", "put": "replace", "patch": "patch", "delete": "delete",
    "deletecollection": "delete", "connect": "connect",
}  # fmt: skip
_COLLECTION = (("get", "list", "list"), ("post", "post", "create"), ("delete", "deletecollection", "deletecollection"))
_ITEM = (("get", "get", "get"), ("put", "put", "update"), ("patch", "patch", "patch"), ("delete", "delete", "delete"))


def id_group(group: str) -> str:
    """A group as operation ids name it: "Core", "FlowcontrolApiserver"."""
    return "".join(part.capitalize() for part in (group.removesuffix(".k8s.io") or "core").split("."))


def tag_group(group: str) -> str:
    """A group as tags name it: "core", "flowcontrolApiserver"."""
    name = id_group(group)
    return name[:1].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `action` is the API's own verb; `subresource` is "" for the object itself."""

    entry: Entry
    path: str
    method: str
    action: str
    gvk: GVK
    subresource: str = ""
    every_namespace: bool = False

    @property
    def id(self) -> str:
        """A name that is unique in a document, as generated clients call it."""
        group, version, kind = self.entry.gvk
        scope = "Namespaced" if self.entry.resource.namespaced and not self.every_namespace else ""
        how = {"connect": self.method.capitalize(), "deletecollection": "Collection"}.get(self.action, "")
        head = f"{_ID_VERBS[self.action]}{id_group(group)}{version.capitalize()}{how}"
        return f"{head}{scope}{kind}{self.subresource.capitalize()}" + (
            "ForAllNamespaces" * self.every_namespace + "WithPath" * self.path.endswith("{path}")
        )

    @property
    def text(self) -> str:
        """What it does, in one line."""
        what = f"{self.subresource} of a " if self.subresource else ""
        verb = {"post": "create", "put": "replace", "get": "read"}.get(self.action, self.action)
        return f"{verb} {what}{self.entry.resource.kind}"


def operations(entry: Entry) -> Iterator[Operation]:
    """Every operation of a resource, path by path."""
    resource = entry.resource
    base = resource.base_path + ("/namespaces/{namespace}" if resource.namespaced else "")
    collection = f"{base}/{resource.plural}"
    if resource.namespaced and "list" in resource.verbs:
        path = f"{resource.base_path}/{resource.plural}"
        yield Operation(entry, path, "get", "list", entry.gvk, every_namespace=True)
    for method, action, verb in _COLLECTION:
        if verb in resource.verbs:
            yield Operation(entry, collection, method, action, entry.gvk)
    for method, action, verb in _ITEM:
        if verb in resource.verbs:
            yield Operation(entry, collection + "/{name}", method, action, entry.gvk)
    for name in resource.subresources:
        yield from _subresource(entry, f"{collection}/{{name}}/{name}", name)


def _subresource(entry: Entry, path: str, name: str) -> Iterator[Operation]:
    row = SUBRESOURCES[name]
    group, version, kind = row.gvk or entry.gvk
    gvk = group, version, kind.format(entry.resource.kind)
    for each in (path, f"{path}/{{path}}") if row.below else (path,):
        for method, action in row.actions.items():
            yield Operation(entry, each, method, action, gvk, name)
