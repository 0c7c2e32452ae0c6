"""The rules of ResourceSlices: one way to say which nodes reach the devices; driver, pool and node stay."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.times import format_time
from podwright.apiserver.strategies import drivers, formats, meta, shown
from podwright.apiserver.strategies.devices.device import validate_counters, validate_device
from podwright.apiserver.strategies.devices.items import label, name_of, pool_name, unique
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.affinity import validate_node_selector
from podwright.apiserver.strategies.selectable import path_getters
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, set_generation, spec_changed

_DEVICES_LIMIT, _INTRICATE_LIMIT = 128, 64
_SETS_LIMIT = 8
_LISTS = ("bools", "ints", "strings", "versions")
_REACH = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
_TRUE = "must be either unset or set to true"


class ResourceSliceStrategy(Strategy):
    """Slices of devices; generation counts changes of the spec."""

    returns_object_on_delete: ClassVar[bool] = True
    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = path_getters("spec.nodeName", "spec.driver")
    other_fields: ClassVar[str] = "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {}"

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1, and note since when taints are there."""
        set_generation(obj, 1)
        _date_taints(obj, ctx)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the spec, and note since when taints are there."""
        _date_taints(obj, ctx)
        raise_generation(obj, old, changed=spec_changed(obj, old))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj["spec"]
        _validate_pool(errors, spec)
        _validate_reach(errors, "spec", spec)
        if spec.get("sharedCounters") and spec.get("devices"):
            detail = "only one of `sharedCounters` or `devices` is allowed"
            errors.append(field_errors.invalid("spec", "", detail))

        def check(errors: Errors, path: str, item: JSON) -> None:
            validate_device(errors, path, item, reach=bool(spec.get("perDeviceNodeSelection")))

        devices: list[JSON] = spec.get("devices") or []
        limit = _INTRICATE_LIMIT if any(map(_intricate, devices)) else _DEVICES_LIMIT
        unique(errors, "spec.devices", devices, limit, check, name_of)
        unique(errors, "spec.sharedCounters", spec.get("sharedCounters"), _SETS_LIMIT, _validate_set, name_of)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed slice, and what may not change."""
        errors = self.validate_create(obj, ctx)
        rule = names.dns1123_subdomain
        errors += meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=rule)
        spec, before = obj["spec"], old["spec"]
        for path, value, former in (
            ("spec.pool.name", spec["pool"].get("name"), before["pool"].get("name")),
            ("spec.driver", spec.get("driver"), before.get("driver")),
            ("spec.nodeName", spec.get("nodeName"), before.get("nodeName")),
        ):
            if value != former:
                errors.append(field_errors.invalid(path, value, "field is immutable"))
        return errors


def _taints(spec: JSON) -> Iterator[JSON]:
    for device in spec.get("devices") or ():
        yield from device.get("taints") or ()


def _date_taints(obj: JSON, ctx: WriteContext) -> None:
    for taint in _taints(obj["spec"]):
        if taint.get("timeAdded") is None:
            taint["timeAdded"] = format_time(ctx.now)


def _intricate(device: JSON) -> bool:
    facts: dict[str, Any] = device.get("attributes") or {}
    several = any(item.get(name) for item in facts.values() for name in _LISTS)
    return bool(device.get("taints") or device.get("consumesCounters")) or several


def _validate_pool(errors: Errors, spec: JSON) -> None:
    drivers.driver_name(errors, "spec.driver", spec.get("driver"))
    pool: JSON = spec["pool"]
    pool_name(errors, "spec.pool.name", pool.get("name"))
    count, generation = pool.get("resourceSliceCount") or 0, pool.get("generation") or 0
    if count <= 0:
        errors.append(field_errors.invalid("spec.pool.resourceSliceCount", count, "must be greater than zero"))
    if generation < 0:
        detail = "must be greater than or equal to zero"
        errors.append(field_errors.invalid("spec.pool.generation", generation, detail))


def _validate_reach(errors: Errors, path: str, spec: JSON) -> None:
    given: list[str] = []
    node, selector = spec.get("nodeName"), spec.get("nodeSelector")
    if node:
        given.append("`nodeName`")
        formats.complain(errors, f"{path}.nodeName", node, names.dns1123_subdomain(node))
    elif node is not None:
        detail = "must be either unset or set to a non-empty string"
        errors.append(field_errors.invalid(f"{path}.nodeName", node, detail))
    if selector is not None:
        given.append("`nodeSelector`")
        validate_node_selector(errors, f"{path}.nodeSelector", selector)
        terms = selector.get("nodeSelectorTerms") or []
        if len(terms) != 1:
            from podwright.api.core.affinity import NodeSelector
            from podwright.apiserver.strategies.internals import internal_form

            text = shown.compact(internal_form(NodeSelector, selector)["NodeSelectorTerms"])
            where, detail = f"{path}.nodeSelector.nodeSelectorTerms", "must have exactly one node selector term"
            errors.append(shown.ShownError("Invalid", where, text, detail))
    for name in ("allNodes", "perDeviceNodeSelection"):
        value = spec.get(name)
        if value:
            given.append(f"`{name}`")
        elif value is not None:
            errors.append(field_errors.invalid(f"{path}.{name}", value, _TRUE))
    if not given:
        errors.append(field_errors.required(path, _REACH))
    elif len(given) > 1:
        detail = f"{_REACH}, but multiple fields are set"
        errors.append(field_errors.invalid(path, f"{{{', '.join(given)}}}", detail))


def _validate_set(errors: Errors, path: str, counters: JSON) -> None:
    name = counters.get("name")
    if not name:
        errors.append(field_errors.required(f"{path}.name"))
    else:
        label(errors, f"{path}.name", name)
    validate_counters(errors, f"{path}.counters", counters.get("counters"))
