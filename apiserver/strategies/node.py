"""The rules of Nodes: taints, pod networks that stay what they are, amounts that can be counted."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.affinity import validate_taint_effect
from podwright.apiserver.strategies.pod.resources import amount_value
from podwright.apiserver.strategies.pod.warnings import NODE_LABELS
from podwright.apiserver.strategies.quantities import default_resource_list
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_TAINTS_ANNOTATION = "scheduler.alpha.kubernetes.io/taints"
_FIXED_NETWORK = 'node updates may not change podCIDR except from "" to valid'
_UNIQUE_TAINTS = "taints must be unique by key and effect pair"


class NodeStrategy(Strategy):
    """Nodes: a node registers itself with its status, so a creator may set that too."""

    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = {
        "spec.unschedulable": lambda node: "true" if (node.get("spec") or {}).get("unschedulable") else "false"
    }

    def default(self, obj: JSON) -> None:
        """Keep both spellings of the pod network equal, and what is not said to be reserved allocatable."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        single, several = spec.get("podCIDR"), spec.get("podCIDRs")
        if single and (not several or several[0] != single):
            spec["podCIDRs"] = [single]
        elif several:
            spec["podCIDR"] = several[0]
        status: JSON | None = obj.get("status")
        if status:
            default_resource_list(status.get("capacity"))
            default_resource_list(status.get("allocatable"))
            if status.get("capacity") and status.get("allocatable") is None:
                status["allocatable"] = dict(status["capacity"])

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Drop the status of a dynamic configuration, which is gone."""
        _drop_config(obj, {})

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status, which the node itself writes."""
        keep(obj, old, "status")

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the spec; labels and annotations go through, for nodes write them with their status."""
        keep(obj, old, "spec")
        _drop_config(obj, old)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new node."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        _validate_annotations(errors, obj["metadata"].get("annotations"))
        validate_taints(errors, "metadata.taints", spec.get("taints") or ())
        _validate_amounts(errors, obj.get("status") or {})
        networks: list[str] = spec.get("podCIDRs") or []
        for index, network in enumerate(networks):
            formats.network(errors, f"spec.podCIDRs[{index}]", network)
        if len(networks) > 1 and not errors and (len(networks) > 2 or not _dual_stack(networks)):
            detail = "may specify no more than one CIDR for each IP family"
            errors.append(field_errors.invalid("spec.podCIDRs", networks, detail))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed node."""
        errors = meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=names.dns1123_subdomain)
        return [*errors, *_changes(obj, old)]

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return _changes(obj, old)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of labels that have been replaced."""
        if ctx.subresource:
            return []
        spec: JSON = obj.get("spec") or {}
        found = ["spec.configSource: the feature is no longer supported"] if spec.get("configSource") else []
        if spec.get("externalID"):
            found.append("spec.externalID: this field is deprecated, and is unused by Kubernetes")
        return found + [
            f"metadata.labels[{key}]: {NODE_LABELS[key]}"
            for key in obj["metadata"].get("labels") or ()
            if key in NODE_LABELS and key != "node-role.kubernetes.io/master"
        ]


def validate_taints(errors: Errors, path: str, taints: Sequence[JSON]) -> None:
    """Check a node's taints."""
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        where = f"{path}[{index}]"
        key, value, effect = taint.get("key") or "", taint.get("value") or "", taint.get("effect") or ""
        formats.qualified_name(errors, f"{where}.key", key)
        problems = names.label_value(value)
        if problems:
            errors.append(field_errors.invalid(f"{where}.value", value, ";".join(problems)))
        validate_taint_effect(errors, f"{where}.effect", effect)
        if (key, effect) in seen:
            text = shown.compact({"Key": key, "Value": value, "Effect": effect, "TimeAdded": taint.get("timeAdded")})
            errors.append(shown.ShownError("Duplicate", where, text, _UNIQUE_TAINTS))
        seen.add((key, effect))


def _drop_config(obj: JSON, old: JSON) -> None:
    status: JSON = obj.get("status") or {}
    if "config" in status and (old.get("status") or {}).get("config") is None:
        obj["status"] = {name: value for name, value in status.items() if name != "config"}


def _changes(obj: JSON, old: JSON) -> Errors:
    errors: Errors = []
    spec: JSON = obj.get("spec") or {}
    before: JSON = old.get("spec") or {}
    status: JSON = obj.get("status") or {}
    _validate_annotations(errors, obj["metadata"].get("annotations"))
    _validate_amounts(errors, status)
    seen: list[JSON] = []
    for index, address in enumerate(status.get("addresses") or ()):
        if address in seen:
            text = shown.compact({"Type": address.get("type"), "Address": address.get("address")})
            errors.append(shown.ShownError("Duplicate", f"status.addresses[{index}]", text, ""))
        seen.append(address)
    _validate_fixed(errors, spec, before)
    validate_taints(errors, "metadata.taints", spec.get("taints") or ())
    if (spec.get("externalID") or "") != (before.get("externalID") or ""):
        errors.append(field_errors.forbidden("spec.externalID", "may not be updated"))
    return errors


def _validate_fixed(errors: Errors, spec: JSON, before: JSON) -> None:
    networks, earlier = spec.get("podCIDRs") or [], before.get("podCIDRs") or []
    if earlier and len(networks) != len(earlier):
        errors.append(field_errors.forbidden("spec.podCIDRs", _FIXED_NETWORK))
    elif earlier:
        errors.extend(
            field_errors.forbidden("spec.podCIDRs", _FIXED_NETWORK)
            for one, other in zip(networks, earlier, strict=True)
            if one != other
        )
    if before.get("providerID") and spec.get("providerID") != before["providerID"]:
        detail = 'node updates may not change providerID except from "" to valid'
        errors.append(field_errors.forbidden("spec.providerID", detail))


def _validate_amounts(errors: Errors, status: JSON) -> None:
    for kind in ("capacity", "allocatable"):
        for name, amount in (status.get(kind) or {}).items():
            amount_value(errors, f"status.{kind}.{name}", name, amount)


def _validate_annotations(errors: Errors, annotations: JSON | None) -> None:
    text = (annotations or {}).get(_TAINTS_ANNOTATION)
    if not text:
        return
    try:
        taints = json.loads(text)
    except ValueError as error:
        errors.append(field_errors.invalid("metadata.annotations", _TAINTS_ANNOTATION, str(error)))
        return
    if isinstance(taints, list):
        validate_taints(errors, f"metadata.annotations.{_TAINTS_ANNOTATION}", taints)


def _dual_stack(networks: Sequence[str]) -> bool:
    return len({ipaddress.ip_network(network, strict=False).version for network in networks}) == 2
