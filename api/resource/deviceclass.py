"""The DeviceClass kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, api_type
from podwright.api.resource.selection import DeviceSelector, OpaqueDeviceConfiguration


@api_type("resource.v1")
class DeviceClassConfiguration:
    """Settings for devices of a class. Exactly one field is given."""

    opaque: OpaqueDeviceConfiguration | None = None
    """Settings in a driver's own terms."""


@api_type("resource.v1")
class DeviceClassSpec:
    """Which devices are of a class, and how they are set up."""

    selectors: Annotated[tuple[DeviceSelector, ...], ATOMIC] = ()
    """What a device must be like; all of them must select it."""
    config: Annotated[tuple[DeviceClassConfiguration, ...], ATOMIC] = ()
    """Settings for drivers; those of a claim come after them."""
    extended_resource_name: str | None = None
    """The extended resource by which containers can ask for a device of this class."""


@api_type("resource.v1")
class DeviceClass:
    """A kind of devices that claims can ask for. Administrators make them."""

    kind: str = "DeviceClass"
    """The kind of this object."""
    api_version: str = "resource.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[DeviceClassSpec, REQUIRED] = field(default_factory=DeviceClassSpec)
    """Which devices are of it."""
