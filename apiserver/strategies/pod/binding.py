"""Binding a pod to a node: the one write by which a scheduler decides.

Pure: takes a pod and a Binding, returns the bound pod or raises the refusal. Who calls it stores the result with
the pod's revision as its precondition.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from podwright.api import field_errors
from podwright.api.errors import conflict, invalid, other_revision, other_uid
from podwright.api.times import format_time
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_RESOURCE = "pods/binding"


def validate_binding(binding: JSON) -> Errors:
    """List what is wrong with a Binding."""
    errors: Errors = []
    target: JSON = binding.get("target") or {}
    kind = target.get("kind") or ""
    if kind not in {"", "Node"}:
        errors.append(field_errors.not_supported("target.kind", kind, ("Node", "<empty>")))
    if not target.get("name"):
        errors.append(field_errors.required("target.name"))
    return errors


def bind(pod: JSON, binding: JSON, now: datetime) -> JSON:
    """Return the pod bound to the binding's node. Raises ApiError 409 (already bound, gated, being deleted), 422.

    The given pod is not changed. Labels and annotations of the binding go to the pod.
    """
    problems = validate_binding(binding)
    metadata: JSON = pod["metadata"]
    name = metadata.get("name") or ""
    if problems:
        raise invalid("", "Binding", name, problems)
    _refuse_unfit(pod, binding, name)
    node = binding["target"]["name"]
    bound = dict(pod)
    bound["spec"] = {**(pod.get("spec") or {}), "nodeName": node}
    bound["metadata"] = dict(metadata)
    for part in ("annotations", "labels"):
        extra = (binding.get("metadata") or {}).get(part)
        if extra:
            bound["metadata"][part] = {**(metadata.get(part) or {}), **extra}
    status = {key: value for key, value in (pod.get("status") or {}).items() if key != "nominatedNodeName"}
    status["conditions"] = _scheduled(status.get("conditions") or [], now)
    bound["status"] = status
    return bound


def _refuse_unfit(pod: JSON, binding: JSON, name: str) -> None:
    spec: JSON = pod.get("spec") or {}
    metadata: JSON = pod["metadata"]
    meant: JSON = binding.get("metadata") or {}
    namespace = metadata.get("namespace") or ""
    for refusal, key in ((other_uid, "uid"), (other_revision, "resourceVersion")):
        if meant.get(key) and meant[key] != metadata.get(key):
            raise refusal("pods", namespace, name, wanted=meant[key], present=metadata.get(key) or "")
    if metadata.get("deletionTimestamp"):
        raise conflict(_RESOURCE, name, f"pod {name} is being deleted, cannot be assigned to a host")
    if spec.get("nodeName"):
        raise conflict(_RESOURCE, name, f'pod {name} is already assigned to node "{spec["nodeName"]}"')
    if spec.get("schedulingGates"):
        raise conflict(_RESOURCE, name, f"pod {name} has non-empty .spec.schedulingGates")


def _scheduled(conditions: list[JSON], now: datetime) -> list[JSON]:
    """Set PodScheduled to True; the transition time moves only when it was not."""
    made: JSON = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": format_time(now),
    }
    kept: list[JSON] = []
    for condition in conditions:
        if condition.get("type") != "PodScheduled":
            kept.append(condition)
        elif condition.get("status") == "True":
            return conditions
    return [*kept, made]
