"""What a claim got: the devices, their settings, and what drivers say of them."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.affinity import NodeSelector
from podwright.api.meta import Condition
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    EMPTY,
    REQUIRED,
    UID,
    Map,
    Quantity,
    RawObject,
    Time,
    api_type,
    map_by,
    merge_by,
)
from podwright.api.resource.selection import DeviceToleration, OpaqueDeviceConfiguration
from podwright.api.resource.values import AllocationConfigSource, QualifiedName


@api_type("resource.v1")
class DeviceRequestAllocationResult:
    """A device that was given to a request."""

    request: Annotated[str, REQUIRED] = ""
    """The request, or `<request>/<alternative>`."""
    driver: Annotated[str, REQUIRED] = ""
    """The device's driver."""
    pool: Annotated[str, REQUIRED] = ""
    """The device's pool."""
    device: Annotated[str, REQUIRED] = ""
    """The device's name in the pool."""
    admin_access: bool | None = None
    """Whether it was given for administration, beside its user."""
    tolerations: Annotated[tuple[DeviceToleration, ...], ATOMIC] = ()
    """The request's tolerations when it was given."""
    binding_conditions: Annotated[tuple[str, ...], ATOMIC] = ()
    """The device's binding conditions when it was given."""
    binding_failure_conditions: Annotated[tuple[str, ...], ATOMIC] = ()
    """The device's binding failure conditions when it was given."""
    share_id: UID | None = None
    """Which share of a device that several use."""
    consumed_capacity: Map[QualifiedName, Quantity] = EMPTY
    """How much of a shared device this share uses, per capacity."""


@api_type("resource.v1")
class DeviceAllocationConfiguration:
    """Settings for devices that were given. Exactly one kind of settings is given."""

    source: Annotated[AllocationConfigSource, REQUIRED] = ""
    """Where they come from: FromClass or FromClaim."""
    requests: Annotated[tuple[str, ...], ATOMIC] = ()
    """The requests they are for; none means all."""
    opaque: OpaqueDeviceConfiguration | None = None
    """Settings in a driver's own terms."""


@api_type("resource.v1")
class DeviceAllocationResult:
    """The devices that were given."""

    results: Annotated[tuple[DeviceRequestAllocationResult, ...], ATOMIC] = ()
    """One entry a device."""
    config: Annotated[tuple[DeviceAllocationConfiguration, ...], ATOMIC] = ()
    """Their settings: those of classes first, then those of the claim."""


@api_type("resource.v1")
class AllocationResult:
    """What was allocated for a claim."""

    devices: DeviceAllocationResult = field(default_factory=DeviceAllocationResult)
    """The devices."""
    node_selector: NodeSelector | None = None
    """The nodes that can reach them; none means all."""
    allocation_timestamp: Time | None = None
    """When they were given."""


@api_type("resource.v1")
class NetworkDeviceData:
    """What is known of a network device."""

    interface_name: str = ""
    """Its name in the pod, at most 256 characters."""
    ips: Annotated[tuple[str, ...], ATOMIC] = ()
    """Its addresses, with their networks, such as 192.0.2.5/24."""
    hardware_address: str = ""
    """Its hardware (MAC) address."""


@api_type("resource.v1")
class AllocatedDeviceStatus:
    """What a driver says of a device that was given."""

    driver: Annotated[str, REQUIRED] = ""
    """The device's driver."""
    pool: Annotated[str, REQUIRED] = ""
    """The device's pool."""
    device: Annotated[str, REQUIRED] = ""
    """The device's name in the pool."""
    share_id: str | None = None
    """Which share of a device that several use."""
    conditions: Annotated[tuple[Condition, ...], ALWAYS, map_by("type")] = ()
    """The observed aspects, at most 8."""
    data: RawObject | None = None
    """An object in the driver's own terms, at most 10 KiB."""
    network_data: NetworkDeviceData | None = None
    """What is known of it, for a network device."""


@api_type("resource.v1")
class ResourceClaimConsumerReference:
    """Who uses a claim, in its namespace."""

    api_group: str = ""
    """The user's API group; empty means the core group."""
    resource: Annotated[str, REQUIRED] = ""
    """The user's resource, such as "pods"."""
    name: Annotated[str, REQUIRED] = ""
    """The user's name."""
    uid: Annotated[UID, REQUIRED] = ""
    """The user's uid."""


@api_type("resource.v1")
class ResourceClaimStatus:
    """What is known of a claim."""

    allocation: AllocationResult | None = None
    """What was allocated; none until then."""
    reserved_for: Annotated[tuple[ResourceClaimConsumerReference, ...], merge_by("uid")] = ()
    """Who may use it, at most 256; it stays allocated as long as there is somebody."""
    devices: Annotated[tuple[AllocatedDeviceStatus, ...], map_by("driver", "device", "pool", "shareID")] = ()
    """What drivers say of the devices."""
