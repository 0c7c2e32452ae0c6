"""The resize subresource: cpu and memory of running containers, nothing else.

`reset` keeps what the subresource does not own, so that a client may send a whole object; `validate` then judges
what is left. The old object is shared and must never be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod import annotation_rules
from podwright.apiserver.strategies.pod.qos import qos_class
from podwright.apiserver.strategies.quantities import copy_missing
from podwright.apiserver.strategy import keep

JSON = dict[str, Any]

_KINDS = ("containers", "initContainers")
_RESIZABLE = ("cpu", "memory")


def reset(pod: JSON, old: JSON) -> None:
    """Keep all of the old pod but the resources and resize policies of its containers."""
    keep(pod["metadata"], old["metadata"], "labels", "annotations", "finalizers", "ownerReferences")
    spec: JSON = pod.get("spec") or {}
    before: JSON = old.get("spec") or {}
    pod["spec"] = kept = dict(before)
    for kind in _KINDS:
        sent = {item.get("name"): item for item in spec.get(kind) or ()}
        if _names(spec, kind) != _names(before, kind):
            kept[kind] = spec.get(kind) or []
            continue
        if kind in before:
            kept[kind] = [_take(item, sent[item.get("name")]) for item in before[kind]]


def validate(pod: JSON, old: JSON) -> Errors:
    """List why a resize is not allowed."""
    errors: Errors = []
    spec: JSON = pod.get("spec") or {}
    before: JSON = old.get("spec") or {}
    refused = _refusal(spec, before, old)
    if refused:
        return [field_errors.forbidden("[]", refused)]
    kept = (old.get("status") or {}).get("qosClass") or qos_class(before)
    if kept != qos_class(spec):
        detail = "Pod QOS Class may not change as a result of resizing"
        errors.append(field_errors.invalid("spec", (pod.get("status") or {}).get("qosClass") or "", detail))
    if not _node_can(old):
        errors.append(field_errors.forbidden("spec", "Pod running on node without support for resize"))
    if not _validate_order(errors, spec, before):
        return errors
    for kind in reversed(_KINDS):
        for index, (new, earlier) in enumerate(zip(spec.get(kind) or (), before.get(kind) or (), strict=True)):
            if kind == "containers" or earlier.get("restartPolicy") == "Always":
                _validate_not_removed(errors, f"spec.{kind}[{index}].resources", new, earlier)
    _validate_untouched(errors, spec, before)
    return errors


def _names(spec: JSON, kind: str) -> list[str]:
    return [item.get("name") or "" for item in spec.get(kind) or ()]


def _take(container: JSON, sent: JSON) -> JSON:
    taken = dict(container)
    for name in ("resources", "resizePolicy"):
        if name in sent:
            taken[name] = sent[name]
        else:
            taken.pop(name, None)
    resources = taken.get("resources")
    if resources and resources.get("limits"):
        requests = dict(resources.get("requests") or {})
        copy_missing(resources["limits"], requests)
        taken["resources"] = {**resources, "requests": requests}
    return taken


def _refusal(spec: JSON, before: JSON, old: JSON) -> str:
    if any((part.get("resources") or {}).get(kind) for part in (spec, before) for kind in ("requests", "limits")):
        return "pods with pod-level resources cannot be resized"
    if annotation_rules.MIRROR in (old["metadata"].get("annotations") or {}):
        return "static pods cannot be resized"
    if (before.get("os") or {}).get("name") == "windows":
        return "windows pods cannot be resized"
    return ""


def _node_can(old: JSON) -> bool:
    """Tell whether the node reports resources of running containers, as those that can resize do."""
    for status in (old.get("status") or {}).get("containerStatuses") or ():
        if (status.get("state") or {}).get("running") is not None:
            return status.get("resources") is not None
    return True


def _validate_order(errors: Errors, spec: JSON, before: JSON) -> bool:
    count = len(errors)
    for kind in _KINDS:
        new: Sequence[JSON] = spec.get(kind) or ()
        earlier: Sequence[JSON] = before.get(kind) or ()
        if len(new) != len(earlier):
            detail = f"{kind} may not be added or removed on resize"
            errors.append(field_errors.forbidden(f"spec.{kind}", detail))
            continue
        for index, (one, other) in enumerate(zip(new, earlier, strict=True)):
            if one.get("name") != other.get("name"):
                detail = f"{kind} may not be renamed or reordered on resize"
                errors.append(field_errors.forbidden(f"spec.{kind}[{index}].name", detail))
    return len(errors) == count


def _validate_not_removed(errors: Errors, path: str, new: JSON, earlier: JSON) -> None:
    after, before = new.get("resources") or {}, earlier.get("resources") or {}
    for kind in ("requests", "limits"):
        if set(before.get(kind) or ()) - set(after.get(kind) or ()):
            errors.append(field_errors.forbidden(f"{path}.{kind}", f"resource {kind} cannot be removed"))


def _validate_untouched(errors: Errors, spec: JSON, before: JSON) -> None:
    for new, earlier in zip(spec.get("containers") or (), before.get("containers") or (), strict=True):
        if _without_resizable(new) != _without_resizable(earlier):
            errors.append(field_errors.forbidden("spec", "only cpu and memory resources are mutable"))
    for new, earlier in zip(spec.get("initContainers") or (), before.get("initContainers") or (), strict=True):
        if earlier.get("restartPolicy") == "Always":
            if _without_resizable(new) != _without_resizable(earlier):
                detail = "only cpu and memory resources for sidecar containers are mutable"
                errors.append(field_errors.forbidden("spec", detail))
        elif new != earlier:
            detail = "resources for non-sidecar init containers are immutable"
            errors.append(field_errors.forbidden("spec", detail))
    if not errors:
        others = {name: value for name, value in spec.items() if name not in _KINDS}
        if others != {name: value for name, value in before.items() if name not in _KINDS}:
            errors.append(field_errors.forbidden("spec", "only cpu and memory resources are mutable"))


def _without_resizable(container: JSON) -> JSON:
    """Return the container without the amounts that a resize may change, and without its resize policy."""
    rest = {name: value for name, value in container.items() if name != "resources"}
    resources: JSON = container.get("resources") or {}
    for kind in ("limits", "requests"):
        amounts = {name: value for name, value in (resources.get(kind) or {}).items() if name not in _RESIZABLE}
        if amounts:
            rest[kind] = amounts
    return rest
