"""Which nodes a DaemonSet's pods belong on: those that the template allows and whose taints they tolerate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from podwright.api import node_selectors
from podwright.controllers.meta import Whole

JSON = dict[str, Any]

_EXECUTE: Final = ("not-ready", "unreachable")
_SCHEDULE: Final = ("disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")


@dataclass(frozen=True, slots=True)
class Place:
    """A node, and whether a pod is to be started there, or may at least go on."""

    name: str
    wanted: bool
    allowed: bool


def place(template: Mapping[str, Any], node: Whole) -> Place:
    """Judge one node by its name, labels and taints; whether there is room is the scheduler's to say."""
    name = node.meta.name
    asked = template.get("nodeName")
    if (asked and asked != name) or not node_selectors.allows(template, name, node.meta.labels):
        return Place(name, wanted=False, allowed=False)
    tolerations = [*(template.get("tolerations") or ()), *own_tolerations(template)]
    hard = [t for t in node.spec.get("taints") or () if t.get("effect") in {"NoSchedule", "NoExecute"}]
    untolerated = [taint for taint in hard if not any(_covers(t, taint) for t in tolerations)]
    return Place(name, not untolerated, all(taint["effect"] != "NoExecute" for taint in untolerated))


def own_tolerations(template: Mapping[str, Any]) -> list[JSON]:
    """What pods of DaemonSets always tolerate: they are part of the node and go with it, not before."""
    listed = [(key, "NoExecute") for key in _EXECUTE] + [(key, "NoSchedule") for key in _SCHEDULE]
    if template.get("hostNetwork"):
        listed.append(("network-unavailable", "NoSchedule"))
    return [{"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect} for key, effect in listed]


def _covers(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    if toleration.get("operator") == "Exists":
        return not toleration.get("key") or toleration["key"] == taint.get("key")
    same_value = (toleration.get("value") or "") == (taint.get("value") or "")
    return toleration.get("key") == taint.get("key") and same_value


def tolerated(template: JSON) -> list[JSON]:
    """The tolerations of a pod: the template's, and those it always has."""
    listed: Sequence[JSON] = template.get("tolerations") or ()
    return [*listed, *(t for t in own_tolerations(template) if t not in listed)]


def pinned(template: JSON, node: str) -> JSON:
    """The affinity of a pod for one node: the template's, with every term bound to the node's name."""
    affinity: JSON = dict(template.get("affinity") or {})
    nodes: JSON = dict(affinity.get("nodeAffinity") or {})
    required: JSON = nodes.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    here = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    terms: list[JSON] = required.get("nodeSelectorTerms") or [{}]
    bound = {"nodeSelectorTerms": [{**term, "matchFields": here} for term in terms]}
    nodes["requiredDuringSchedulingIgnoredDuringExecution"] = bound
    return {**affinity, "nodeAffinity": nodes}


def pinned_to(spec: JSON) -> str:
    """The node that a pod's affinity binds it to by name, "" where none does."""
    affinity: JSON = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required: JSON = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    for term in required.get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            if field.get("key") == "metadata.name" and field.get("operator") == "In" and len(field["values"]) == 1:
                return field["values"][0]
    return ""
