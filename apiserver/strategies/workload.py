"""What workloads share: a selector, a template it must match, counts that fit together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from podwright.api import field_errors
from podwright.api.labels import Selector
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.validate import validate_template

JSON = dict[str, Any]

_OVER_REPLICAS = "cannot be greater than status.replicas"
_OVER_READY = "cannot be greater than readyReplicas"


def validate_template_for(
    errors: Errors, template: JSON, selector: Selector, *, owner: str = "ReplicaSet", replicas: int = 0
) -> None:
    """Check a workload's template: matched by the selector, and of pods that are started again for ever.

    `owner` is the kind that messages speak of; several `replicas` cannot all write to one disk.
    """
    path = "spec.template"
    if not selector.empty:
        matches_template(errors, path, selector, template)
    validate_template(errors, path, template)
    spec: JSON = template.get("spec") or {}
    if replicas > 1:
        shared_disks(errors, f"{path}.spec.volumes", spec.get("volumes") or ())
    restarted_for_ever(errors, f"{path}.spec", spec, owner)


def matches_template(errors: Errors, path: str, selector: Selector, template: JSON) -> None:
    """Check that a selector finds the pods of the template at `path`."""
    labels = (template.get("metadata") or {}).get("labels")
    if not selector.matches(labels):
        text = shown.compact(dict(sorted(labels.items())) if labels else None)
        detail = "`selector` does not match template `labels`"
        errors.append(shown.ShownError("Invalid", f"{path}.metadata.labels", text, detail))


def shared_disks(errors: Errors, path: str, volumes: Iterable[JSON]) -> None:
    """Check that disks which only one machine may write to are mounted read-only."""
    detail = "must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it is read-only"
    for index, volume in enumerate(volumes):
        disk = volume.get("gcePersistentDisk")
        if disk is not None and not disk.get("readOnly"):
            errors.append(field_errors.required(f"{path}[{index}].gcePersistentDisk.readOnly", detail))


def restarted_for_ever(errors: Errors, path: str, spec: JSON, owner: str) -> None:
    """Check that the pods of a template never end by themselves; `path` is that of its spec."""
    if spec.get("restartPolicy") != "Always":
        policy = spec.get("restartPolicy") or ""
        errors.append(field_errors.not_supported(f"{path}.restartPolicy", policy, ("Always",)))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {owner} is not Supported"
        errors.append(field_errors.forbidden(f"{path}.activeDeadlineSeconds", detail))


def validate_counts(status: JSON, names: tuple[str, ...], bounded: tuple[str, ...]) -> Errors:
    """Check a status: `names` may not be negative; `bounded` may not exceed `replicas`, nor available ready."""
    errors: Errors = []
    for name in names:
        formats.not_negative(errors, f"status.{name}", status.get(name))
    replicas, ready = status.get("replicas") or 0, status.get("readyReplicas") or 0
    for name in bounded:
        count = status.get(name) or 0
        if count > replicas:
            errors.append(field_errors.invalid(f"status.{name}", count, _OVER_REPLICAS))
    available = status.get("availableReplicas") or 0
    if available > ready:
        errors.append(field_errors.invalid("status.availableReplicas", available, _OVER_READY))
    return errors


def not_decremented(errors: Errors, status: JSON, old: JSON) -> None:
    """Check that the count of name collisions, which names are made from, never goes back."""
    before, count = old.get("collisionCount"), status.get("collisionCount")
    if before is not None and (count is None or count < before):
        errors.append(field_errors.invalid("status.collisionCount", count or 0, "cannot be decremented"))


def workload_warnings(obj: JSON, old: JSON | None, *, named: bool = True) -> list[str]:
    """What to warn of: a new one's name, and the template, unless an update left the generation as it was.

    `named` kinds hand their name on to their pods.
    """
    metadata: JSON = obj["metadata"]
    if old is not None and old["metadata"].get("generation") == metadata.get("generation"):
        return []
    from podwright.apiserver.strategies.pod.warnings import template_warnings, workload_name_warnings

    template: JSON = (obj.get("spec") or {}).get("template") or {}
    found = template_warnings("spec.template", template)
    return workload_name_warnings(metadata) + found if old is None and named else found
