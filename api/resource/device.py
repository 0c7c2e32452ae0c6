"""A device as its driver publishes it: attributes, capacity, taints, and what it draws from shared counters."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.affinity import NodeSelector
from podwright.api.core.values import ResourceName
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    EMPTY,
    REQUIRED,
    REQUIRED_IF_KNOWN,
    Int64,
    Map,
    Quantity,
    Time,
    Wire,
    api_type,
)
from podwright.api.resource.values import DeviceTaintEffect, QualifiedName


@api_type("resource.v1")
class Counter:
    """An amount that devices share."""

    value: Annotated[Quantity, REQUIRED] = "0"
    """How much there is, or how much is drawn."""


@api_type("resource.v1")
class CounterSet:
    """Amounts that devices of a slice share."""

    name: Annotated[str, REQUIRED] = ""
    """A name unique in the slice's pool."""
    counters: Annotated[Map[str, Counter], REQUIRED_IF_KNOWN] = EMPTY
    """The amounts by name. There must be at least one."""


@api_type("resource.v1")
class DeviceCounterConsumption:
    """What a device draws from a set of counters when it is used."""

    counter_set: Annotated[str, REQUIRED] = ""
    """The set."""
    counters: Annotated[Map[str, Counter], REQUIRED_IF_KNOWN] = EMPTY
    """How much, by the counter's name. There must be at least one."""


@api_type("resource.v1")
class DeviceAttribute:
    """A fact about a device. Exactly one field is given."""

    int_value: Annotated[Int64 | None, Wire("int")] = None
    """A number."""
    bool_value: Annotated[bool | None, Wire("bool")] = None
    """True or false."""
    string_value: Annotated[str | None, Wire("string")] = None
    """A text of at most 64 characters."""
    version_value: Annotated[str | None, Wire("version")] = None
    """A version as semver.org 2.0.0 has it, of at most 64 characters."""
    ints: Annotated[tuple[Int64, ...], ATOMIC] = ()
    """A list of numbers."""
    bools: Annotated[tuple[bool, ...], ATOMIC] = ()
    """A list of true or false."""
    strings: Annotated[tuple[str, ...], ATOMIC] = ()
    """A list of texts of at most 64 characters."""
    versions: Annotated[tuple[str, ...], ATOMIC] = ()
    """A list of versions."""


@api_type("resource.v1")
class CapacityRequestPolicyRange:
    """Amounts from a least to a most, perhaps in steps."""

    min: Annotated[Quantity | None, REQUIRED] = None
    """The least that can be asked for; less is rounded up to it."""
    max: Quantity | None = None
    """The most that can be asked for."""
    step: Quantity | None = None
    """The steps, counted from the least; what lies between is rounded up."""


@api_type("resource.v1")
class CapacityRequestPolicy:
    """How much of a shared device's capacity can be asked for."""

    default: Annotated[Quantity | None, ALWAYS] = None
    """How much a request that does not say gets."""
    valid_values: Annotated[tuple[Quantity, ...], ATOMIC] = ()
    """The amounts that can be asked for, in ascending order, at most 10; others are rounded up."""
    valid_range: CapacityRequestPolicyRange | None = None
    """The amounts that can be asked for, as a range."""


@api_type("resource.v1")
class DeviceCapacity:
    """An amount that a device has."""

    value: Annotated[Quantity, REQUIRED] = "0"
    """How much of it."""
    request_policy: CapacityRequestPolicy | None = None
    """How much can be asked for, when several can use the device."""


@api_type("resource.v1")
class DeviceTaint:
    """Keeps requests without a toleration away from a device, or drives out its users."""

    key: Annotated[str, REQUIRED] = ""
    """The taint's key, a label name."""
    value: str = ""
    """The taint's value, a label value."""
    effect: Annotated[DeviceTaintEffect, REQUIRED] = ""
    """NoSchedule, NoExecute, or None for a taint that only informs."""
    time_added: Time | None = None
    """When it was added; filled in when missing."""


@api_type("resource.v1")
class NodeAllocatableResourceMapping:
    """How using a device draws on a resource of its node."""

    capacity_key: QualifiedName | None = None
    """The capacity of the device from which the amount follows; none means the number of devices."""
    allocation_multiplier: Quantity | None = None
    """How much is drawn for each unit; the default is 1."""


@api_type("resource.v1")
class Device:
    """One device."""

    name: Annotated[str, REQUIRED] = ""
    """A name unique in the pool, a DNS label."""
    attributes: Map[QualifiedName, DeviceAttribute] = EMPTY
    """Facts by which it is selected; at most 32 together with capacity."""
    capacity: Map[QualifiedName, DeviceCapacity] = EMPTY
    """Amounts that it has."""
    consumes_counters: Annotated[tuple[DeviceCounterConsumption, ...], ATOMIC] = ()
    """What it draws from shared counters, one entry a set."""
    node_name: str | None = None
    """The node it is on, when the slice leaves that to its devices."""
    node_selector: NodeSelector | None = None
    """The nodes that can reach it, when the slice leaves that to its devices."""
    all_nodes: bool | None = None
    """Whether all nodes can reach it, when the slice leaves that to its devices."""
    taints: Annotated[tuple[DeviceTaint, ...], ATOMIC] = ()
    """Taints that its driver sets, at most 16."""
    binds_to_node: bool | None = None
    """Whether giving it out ties the claim to the node that was chosen."""
    binding_conditions: Annotated[tuple[str, ...], ATOMIC] = ()
    """Conditions of the claim's device status that must hold before a pod is bound, at most 4."""
    binding_failure_conditions: Annotated[tuple[str, ...], ATOMIC] = ()
    """Conditions of the claim's device status that say preparing it failed, at most 4."""
    allow_multiple_allocations: bool | None = None
    """Whether several requests can use it at a time."""
    node_allocatable_resource_mappings: Map[ResourceName, NodeAllocatableResourceMapping] = EMPTY
    """How using it draws on resources of its node, by the resource's name."""
