"""What a claim asks for: requests for devices, constraints between them, settings."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.modeling.fields import ALWAYS, ATOMIC, EMPTY, REQUIRED, Int64, Map, Quantity, api_type
from podwright.api.resource.selection import DeviceSelector, DeviceToleration, OpaqueDeviceConfiguration
from podwright.api.resource.values import DeviceAllocationMode, FullyQualifiedName, QualifiedName


@api_type("resource.v1")
class CapacityRequirements:
    """How much of a device's capacity is wanted."""

    requests: Map[QualifiedName, Quantity] = EMPTY
    """The least that is wanted, per capacity; of a shared device, what is used of it."""


@api_type("resource.v1")
class ExactDeviceRequest:
    """A request for devices of one class."""

    device_class_name: Annotated[str, REQUIRED] = ""
    """The class."""
    selectors: Annotated[tuple[DeviceSelector, ...], ATOMIC] = ()
    """What a device must be like beside that; all of them must select it."""
    allocation_mode: DeviceAllocationMode = ""
    """ExactCount (the default), or All that there are."""
    count: Int64 = 0
    """How many, for ExactCount; the default is 1."""
    admin_access: bool | None = None
    """Whether the devices are used beside whoever has them, to watch or mend them; only in namespaces for it."""
    tolerations: Annotated[tuple[DeviceToleration, ...], ATOMIC] = ()
    """Which taints devices may have."""
    capacity: CapacityRequirements | None = None
    """How much of each device is wanted."""


@api_type("resource.v1")
class DeviceSubRequest:
    """One of several requests, of which the first that can be met counts."""

    name: Annotated[str, REQUIRED] = ""
    """A name unique in the request; others refer to it as `<request>/<this name>`."""
    device_class_name: Annotated[str, REQUIRED] = ""
    """The class."""
    selectors: Annotated[tuple[DeviceSelector, ...], ATOMIC] = ()
    """What a device must be like beside that; all of them must select it."""
    allocation_mode: DeviceAllocationMode = ""
    """ExactCount (the default), or All that there are."""
    count: Int64 = 0
    """How many, for ExactCount; the default is 1."""
    tolerations: Annotated[tuple[DeviceToleration, ...], ATOMIC] = ()
    """Which taints devices may have."""
    capacity: CapacityRequirements | None = None
    """How much of each device is wanted."""


@api_type("resource.v1")
class DeviceRequest:
    """A request for devices: either exactly what is wanted, or several alternatives."""

    name: Annotated[str, REQUIRED] = ""
    """A name unique in the claim, by which containers, constraints and settings refer to it."""
    exactly: ExactDeviceRequest | None = None
    """What is wanted."""
    first_available: Annotated[tuple[DeviceSubRequest, ...], ATOMIC] = ()
    """Alternatives, the best first."""


@api_type("resource.v1")
class DeviceConstraint:
    """What must hold between the devices of several requests. Exactly one attribute is named."""

    requests: Annotated[tuple[str, ...], ATOMIC] = ()
    """The requests; none means all."""
    match_attribute: FullyQualifiedName | None = None
    """An attribute that all devices must have with the same value."""
    distinct_attribute: FullyQualifiedName | None = None
    """An attribute that all devices must have with different values."""


@api_type("resource.v1")
class DeviceClaimConfiguration:
    """Settings for the devices of some requests. Exactly one kind of settings is given."""

    requests: Annotated[tuple[str, ...], ATOMIC] = ()
    """The requests; none means all."""
    opaque: OpaqueDeviceConfiguration | None = None
    """Settings in a driver's own terms."""


@api_type("resource.v1")
class DeviceClaim:
    """Requests for devices, and what must hold of them together."""

    requests: Annotated[tuple[DeviceRequest, ...], ALWAYS, ATOMIC] = ()
    """The requests; all of them must be met."""
    constraints: Annotated[tuple[DeviceConstraint, ...], ATOMIC] = ()
    """What must hold between their devices."""
    config: Annotated[tuple[DeviceClaimConfiguration, ...], ATOMIC] = ()
    """Settings for drivers."""


@api_type("resource.v1")
class ResourceClaimSpec:
    """What is wanted of a claim. It cannot be changed."""

    devices: DeviceClaim = field(default_factory=DeviceClaim)
    """Which devices are wanted."""
