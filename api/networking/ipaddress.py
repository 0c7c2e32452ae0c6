"""The IPAddress kind: one address in use."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, REQUIRED_IF_KNOWN, api_type


@api_type("networking.v1")
class ParentReference:
    """Names the object that uses an address."""

    group: str = ""
    """The object's API group; empty means the core group."""
    resource: Annotated[str, REQUIRED_IF_KNOWN] = ""
    """The object's resource, such as services."""
    namespace: str = ""
    """The object's namespace."""
    name: Annotated[str, REQUIRED_IF_KNOWN] = ""
    """The object's name."""


@api_type("networking.v1")
class IPAddressSpec:
    """What an address is used for."""

    parent_ref: Annotated[ParentReference | None, REQUIRED_IF_KNOWN] = None
    """Who uses it. It cannot be changed."""


@api_type("networking.v1")
class IPAddress:
    """An address of the service network that somebody uses; its name is the address."""

    kind: str = "IPAddress"
    """The kind of this object."""
    api_version: str = "networking.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[IPAddressSpec, REQUIRED] = field(default_factory=IPAddressSpec)
    """What it is used for."""
