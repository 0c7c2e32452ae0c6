"""What one served resource contributes to the documents.

Built-in kinds are described by their schema class. A custom resource brings a JSON schema of its own instead, already
in OpenAPI form. Nothing here may build documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from podwright.api.resources import RESOURCES, Resource
from podwright.api.schema import TypeSchema, schema_of

JSON = dict[str, Any]
GVK = tuple[str, str, str]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."


@dataclass(frozen=True)
class Entry:
    """A resource and how it is described; `custom` is the JSON schema of a kind that has no class."""

    resource: Resource
    custom: JSON | None = None

    @cached_property
    def schema(self) -> TypeSchema | None:
        """The schema tree of a built-in kind."""
        return None if self.custom is not None else schema_of(self.resource.cls)

    @cached_property
    def type_name(self) -> str:
        """The name of the kind's definition: "io.k8s.api.core.v1.Pod", "com.example.v1.Thing"."""
        if self.schema is not None:
            return self.schema.name
        reversed_group = ".".join(reversed(self.resource.group.split(".")))
        return f"{reversed_group}.{self.resource.version}.{self.resource.kind}"

    @cached_property
    def list_name(self) -> str:
        """The name of the definition of its lists."""
        return self.type_name.removesuffix(self.resource.kind) + self.resource.list_kind

    @cached_property
    def gvk(self) -> GVK:
        """Group, version and kind."""
        return self.resource.group, self.resource.version, self.resource.kind


@dataclass(frozen=True)
class Subresource:
    """How one subresource is spoken to: the kind it takes and answers, and its actions by HTTP method.

    Without `model` it takes and answers the kind of its resource; `plain` ones answer text or a stream.
    """

    actions: dict[str, str]
    gvk: GVK | None = None
    model: str = ""
    plain: bool = False
    below: bool = False
    """Whether it has paths of its own below it."""


_OBJECT = {"get": "get", "put": "put", "patch": "patch"}
_CONNECT = {"get": "connect", "post": "connect"}
_ANY: dict[str, str] = dict.fromkeys(("get", "put", "post", "delete", "options", "head", "patch"), "connect")

SUBRESOURCES: dict[str, Subresource] = {
    "status": Subresource(_OBJECT),
    "resize": Subresource(_OBJECT),
    "ephemeralcontainers": Subresource(_OBJECT),
    "approval": Subresource(_OBJECT),
    "finalize": Subresource({"put": "put"}),
    "scale": Subresource(_OBJECT, ("autoscaling", "v1", "Scale"), "autoscaling.scale:Scale"),
    "binding": Subresource({"post": "post"}, ("", "v1", "Binding"), "core.binding:Binding"),
    "eviction": Subresource({"post": "post"}, ("policy", "v1", "Eviction"), "policy.eviction:Eviction"),
    "token": Subresource(
        {"post": "post"},
        ("authentication.k8s.io", "v1", "TokenRequest"),
        "authentication.tokenrequest:TokenRequest",
    ),
    "log": Subresource({"get": "get"}, plain=True),
    "exec": Subresource(_CONNECT, ("", "v1", "PodExecOptions"), plain=True),
    "attach": Subresource(_CONNECT, ("", "v1", "PodAttachOptions"), plain=True),
    "proxy": Subresource(_ANY, ("", "v1", "{}ProxyOptions"), plain=True, below=True),
    "portforward": Subresource(_CONNECT, ("", "v1", "PodPortForwardOptions"), plain=True),
}


def model_of(subresource: Subresource, entry: Entry) -> TypeSchema | None:
    """The schema a subresource takes and answers; None for the custom kind of `entry` or for a plain one."""
    if not subresource.model:
        return entry.schema
    row = Resource("", "", "", "", True, subresource.model)
    return schema_of(row.cls)


def meta(name: str) -> str:
    """The definition name of a shared type of the API machinery."""
    return _META + name


def built_in(rows: Iterable[Resource] = RESOURCES) -> list[Entry]:
    """The entries of the built-in resource table."""
    return [Entry(row) for row in rows]
