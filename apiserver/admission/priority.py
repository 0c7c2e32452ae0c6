"""A pod's priority number comes from its PriorityClass alone; at most one class is the default."""

from __future__ import annotations

from typing import Any

from podwright.api.errors import forbidden
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.strategy import Lookup

JSON = dict[str, Any]
_PODS = find("pods")
_CLASSES = find("priorityclasses", "scheduling.k8s.io")
_PREEMPT = "PreemptLowerPriority"


class Priority(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of pods; creates and updates of classes."""
        return (resource is _PODS and verb == "create") or (resource is _CLASSES and verb in {"create", "update"})

    def admit(self, attributes: Attributes) -> None:
        """Fill in priority and preemptionPolicy. Raises ApiError 403."""
        if attributes.obj is None:
            return
        if attributes.ctx.resource is _PODS:
            _pod(attributes, attributes.obj["spec"])

    def validate(self, attributes: Attributes) -> None:
        """Refuse a second default class. Raises ApiError 403."""
        obj = attributes.obj
        if attributes.ctx.resource is not _CLASSES or obj is None or not obj.get("globalDefault"):
            return
        other = _default(attributes.ctx.lookup)
        if other is not None and other["metadata"]["name"] != attributes.name:
            why = f"PriorityClass {other['metadata']['name']} is already marked as default. Only one default can exist"
            raise forbidden(_CLASSES.qualified, attributes.name, why)


def _default(lookup: Lookup) -> JSON | None:
    found = [c for c in lookup.list(_CLASSES) if c.get("globalDefault")]
    return min(found, key=lambda c: c["value"], default=None)


def _pod(attributes: Attributes, spec: JSON) -> None:
    lookup = attributes.ctx.lookup
    name: str = spec.get("priorityClassName") or ""
    found = lookup.get(_CLASSES, name) if name else _default(lookup)
    if name and found is None:
        raise forbidden("pods", attributes.name, f"no PriorityClass with name {name} was found")
    value = found["value"] if found is not None else 0
    policy = (found or {}).get("preemptionPolicy") or _PREEMPT
    if found is not None:
        spec["priorityClassName"] = found["metadata"]["name"]
    given = spec.get("priority")
    if given is not None and given != value:
        why = (
            f"the integer value of priority ({given}) must not be provided in pod spec; priority admission "
            f"controller computed {value} from the given PriorityClass name"
        )
        raise forbidden("pods", attributes.name, why)
    given_policy = spec.get("preemptionPolicy")
    if given_policy is not None and given_policy != policy:
        why = (
            f"the string value of PreemptionPolicy ({given_policy}) must not be provided in pod spec; priority "
            f"admission controller computed {policy} from the given PriorityClass name"
        )
        raise forbidden("pods", attributes.name, why)
    spec["priority"] = value
    spec["preemptionPolicy"] = policy
