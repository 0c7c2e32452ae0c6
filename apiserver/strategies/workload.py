"""What Deployments and ReplicaSets share: a selector, a template it must match, counts that fit together."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors
from podwright.api.labels import Selector
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.validate import validate_template

JSON = dict[str, Any]

_OVER_REPLICAS = "cannot be greater than status.replicas"
_OVER_READY = "cannot be greater than readyReplicas"


def validate_template_for(errors: Errors, template: JSON, selector: Selector) -> None:
    """Check a workload's template: matched by the selector, and of pods that are started again for ever."""
    path = "spec.template"
    labels = (template.get("metadata") or {}).get("labels")
    if not selector.empty and not selector.matches(labels):
        text = shown.compact(dict(sorted(labels.items())) if labels else labels)
        detail = "`selector` does not match template `labels`"
        errors.append(shown.ShownError("Invalid", f"{path}.metadata.labels", text, detail))
    validate_template(errors, path, template)
    spec: JSON = template.get("spec") or {}
    if spec.get("restartPolicy") != "Always":
        policy = spec.get("restartPolicy") or ""
        errors.append(field_errors.not_supported(f"{path}.spec.restartPolicy", policy, ("Always",)))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = "activeDeadlineSeconds in ReplicaSet is not Supported"
        errors.append(field_errors.forbidden(f"{path}.spec.activeDeadlineSeconds", detail))


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


def workload_warnings(obj: JSON, old: JSON | None) -> list[str]:
    """What to warn of: a new one's name, and the template, unless an update left the generation as it was."""
    metadata: JSON = obj["metadata"]
    if old is not None and old["metadata"].get("generation") == metadata.get("generation"):
        return []
    from podwright.apiserver.strategies.pod.warnings import template_warnings, workload_name_warnings

    template: JSON = (obj.get("spec") or {}).get("template") or {}
    found = template_warnings("spec.template", template)
    return found if old is not None else workload_name_warnings(metadata) + found
