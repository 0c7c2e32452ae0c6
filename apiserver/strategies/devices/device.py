"""The rules of devices in slices: their attributes, capacities, taints and counters."""

from __future__ import annotations

import re
from typing import Any

from podwright.api import field_errors, names, quantity
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.devices.allocation import validate_binding
from podwright.apiserver.strategies.devices.capacity import validate_policy
from podwright.apiserver.strategies.devices.items import each, label, mapping, qualified, unique
from podwright.apiserver.strategies.devices.selection import TAINT_EFFECTS
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.affinity import validate_node_selector

JSON = dict[str, Any]

_FACTS_LIMIT = 32
_VALUES_LIMIT = 48
_TEXT_LIMIT = 64
_TAINTS_LIMIT = 16
_CONSUMPTIONS_LIMIT = 2
_COUNTERS_LIMIT = 32
_LISTS = ("bools", "ints", "strings", "versions")
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
_ONE_VALUE = "exactly one value must be specified"
_TRUE = "must be either unset or set to true"
_REACH = (
    "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true"
    " in the ResourceSlice spec"
)
_NO_REACH = (
    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the"
    " ResourceSlice spec"
)


def validate_device(errors: Errors, path: str, device: JSON, *, reach: bool) -> None:
    """Check one device; with `reach` it says itself which nodes can reach it."""
    label(errors, f"{path}.name", device.get("name"))
    attributes, capacity = device.get("attributes") or {}, device.get("capacity") or {}
    facts = len(attributes) + len(capacity)
    if facts > _FACTS_LIMIT:
        detail = f"the total number of attributes and capacities must not exceed {_FACTS_LIMIT}"
        errors.append(field_errors.invalid(path, facts, detail))
    values = sum(sum(len(item.get(name) or ()) for name in _LISTS) or 1 for item in attributes.values())
    if values > _VALUES_LIMIT:
        detail = f"the total number of attribute values must not exceed {_VALUES_LIMIT}"
        errors.append(field_errors.invalid(path, values, detail))
    mapping(errors, f"{path}.attributes", attributes, -1, qualified, _validate_attribute)
    shared = bool(device.get("allowMultipleAllocations"))
    mapping(errors, f"{path}.capacity", capacity, -1, qualified, _shared_capacity if shared else _own_capacity)
    each(errors, f"{path}.taints", device.get("taints"), _TAINTS_LIMIT, validate_taint)
    where = f"{path}.consumesCounters"
    unique(errors, where, device.get("consumesCounters"), _CONSUMPTIONS_LIMIT, _validate_consumption, _set_of)
    _validate_reach(errors, path, device, reach=reach)
    validate_binding(errors, path, device)
    for name, drawn in (device.get("nodeAllocatableResourceMappings") or {}).items():
        _validate_drawn(errors, f"{path}.nodeAllocatableResourceMappings[{name}]", name, drawn, capacity)


def _set_of(consumption: JSON) -> str:
    return consumption.get("counterSet") or ""


def _validate_attribute(errors: Errors, path: str, attribute: JSON) -> None:
    for name, check in (("string", _text), ("version", _version)):
        if attribute.get(name) is not None:
            check(errors, f"{path}.{name}", attribute[name])
    for name, check in (("strings", _text), ("versions", _version)):
        each(errors, f"{path}.{name}", attribute.get(name), -1, check)
    given = [name for name in ("bool", "int", "string", "version", *_LISTS) if attribute.get(name) is not None]
    if not given:
        errors.append(field_errors.invalid(path, "", _ONE_VALUE))
    elif len(given) > 1:
        from podwright.api.resource.device import DeviceAttribute
        from podwright.apiserver.strategies.internals import internal_text

        errors.append(shown.ShownError("Invalid", path, internal_text(DeviceAttribute, attribute), _ONE_VALUE))


def _text(errors: Errors, path: str, value: str) -> None:
    if len(value.encode()) > _TEXT_LIMIT:
        errors.append(field_errors.too_long(path, "", _TEXT_LIMIT))


def _version(errors: Errors, path: str, value: str) -> None:
    if not _SEMVER.fullmatch(value):
        errors.append(field_errors.invalid(path, value, "must be a string compatible with semver.org spec 2.0.0"))
    _text(errors, path, value)


def _shared_capacity(errors: Errors, path: str, capacity: JSON) -> None:
    policy = capacity.get("requestPolicy")
    if policy is not None:
        validate_policy(errors, f"{path}.requestPolicy", policy, capacity.get("value") or "0")


def _own_capacity(errors: Errors, path: str, capacity: JSON) -> None:
    if capacity.get("requestPolicy") is not None:
        errors.append(field_errors.forbidden(f"{path}.requestPolicy", "allowMultipleAllocations must be true"))


def validate_taint(errors: Errors, path: str, taint: JSON) -> None:
    """Check a taint of a device."""
    key, value = taint.get("key") or "", taint.get("value") or ""
    formats.complain(errors, f"{path}.key", key, names.label_key(key))
    if value:
        formats.complain(errors, f"{path}.value", value, names.label_value(value))
    formats.one_of(errors, f"{path}.effect", taint.get("effect"), TAINT_EFFECTS)


def validate_counters(errors: Errors, path: str, counters: JSON | None) -> None:
    """Check amounts that devices share or draw."""
    if not counters:
        errors.append(field_errors.required(path))
    else:
        mapping(errors, path, counters, _COUNTERS_LIMIT, label, _any_counter)


def _any_counter(errors: Errors, path: str, counter: JSON) -> None:
    """Any amount is fine."""


def _validate_consumption(errors: Errors, path: str, consumption: JSON) -> None:
    name = consumption.get("counterSet")
    if not name:
        errors.append(field_errors.required(f"{path}.counterSet"))
    else:
        label(errors, f"{path}.counterSet", name)
    validate_counters(errors, f"{path}.counters", consumption.get("counters"))


def _validate_reach(errors: Errors, path: str, device: JSON, *, reach: bool) -> None:
    name, selector, every = (device.get(key) for key in ("nodeName", "nodeSelector", "allNodes"))
    if not reach:
        if name is not None or selector is not None or every is not None:
            errors.append(field_errors.invalid(path, None, _NO_REACH))
        return
    given: list[str] = []
    if name:
        given.append("`nodeName`")
        formats.complain(errors, f"{path}.nodeName", name, names.dns1123_subdomain(name))
    elif name is not None:
        errors.append(field_errors.invalid(f"{path}.nodeName", name, "must not be empty"))
    if selector is not None:
        given.append("`nodeSelector`")
        validate_node_selector(errors, f"{path}.nodeSelector", selector)
    if every:
        given.append("`allNodes`")
    elif every is not None:
        errors.append(field_errors.invalid(f"{path}.allNodes", every, _TRUE))
    if not given:
        errors.append(field_errors.required(path, _REACH))
    elif len(given) > 1:
        errors.append(field_errors.invalid(path, f"{{{', '.join(given)}}}", _REACH))


def _validate_drawn(errors: Errors, path: str, name: str, drawn: JSON, capacity: JSON) -> None:
    key, multiplier = drawn.get("capacityKey"), drawn.get("allocationMultiplier")
    if name not in {"cpu", "memory", "ephemeral-storage"} and not name.startswith("hugepages-"):
        detail = "must be a node allocatable resource name"
        errors.append(field_errors.invalid(path, name, detail))
    if key is not None and key not in capacity:
        errors.append(field_errors.not_found(f"{path}.capacityKey", key))
    if multiplier is not None and quantity.milli(multiplier) <= 0:
        errors.append(field_errors.invalid(f"{path}.allocationMultiplier", multiplier, "must be positive"))
