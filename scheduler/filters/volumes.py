"""A pod's volumes must be reachable from its node: the volumes of its bound claims, and room to attach them.

Whether a pod's claims allow any node at all was asked before (`storage.demand`).
"""

from __future__ import annotations

from collections import Counter

from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.storage import Demand
from podwright.scheduler.storage_facts import PLACE_LABELS

_IN_USE = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"
_TOO_MANY = "node(s) exceed max volume count"
_ELSEWHERE = "node(s) didn't match PersistentVolume's node affinity"
_NOTHING_TO_BIND = "node(s) didn't find available persistent volumes to bind"
_VANISHED = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
_ZONE = "node(s) had no available volume zone"


def refuse(pod: PodInfo, node: NodeInfo, demand: Demand) -> Refusals:
    """Refuse nodes that cannot have the pod's volumes: the first kind of obstacle gives the reasons."""
    return _taken(demand) or _crowded(pod, node, demand) or _unreachable(node, demand) or _zones(node, demand)


def _taken(demand: Demand) -> Refusals:
    if not demand.in_use:
        return ()
    detail = "; ".join(f"claim {claim} is for one pod alone and {user} has it" for claim, user in demand.in_use)
    return (Refusal(_IN_USE, detail, curable=True),)


def _crowded(pod: PodInfo, node: NodeInfo, demand: Demand) -> Refusals:
    storage = demand.storage
    limits = storage.limits.get(node.facts.name) if storage is not None and demand.bound else None
    if storage is None or limits is None or not limits.counts:
        return ()
    there = {volume for other in node.pods.values() if other.claims for volume in storage.attached(other)}
    had = Counter(driver for driver, _ in there)
    more = Counter(driver for driver, _ in storage.attached(pod) - there)
    for driver, count in sorted(more.items()):
        limit = limits.counts.get(driver)
        if limit is not None and had[driver] + count > limit:
            detail = f"{driver}: {had[driver]} of {limit} volumes are attached, {count} more are asked for"
            return (Refusal(_TOO_MANY, detail, curable=True),)
    return ()


def _unreachable(node: NodeInfo, demand: Demand) -> Refusals:
    found: list[Refusal] = []
    name, labels = node.facts.name, node.facts.labels
    for claim, volume in demand.bound:
        if volume.required is not None and not any(term.matches(name, labels) for term in volume.required):
            wanted = " or ".join(f"[{term}]" for term in volume.required) or "nothing"
            found.append(Refusal(_ELSEWHERE, f"volume {volume.name} of claim {claim} wants {wanted}"))
    for claim in demand.unbound:
        detail = f"claim {claim} waits for its first pod, and nothing here binds or makes a volume for it"
        found.append(Refusal(_NOTHING_TO_BIND, detail))
    for claim, gone in demand.vanished:
        found.append(Refusal(_VANISHED, f"claim {claim} is bound to volume {gone}, which does not exist"))
    return tuple(found)


def _zones(node: NodeInfo, demand: Demand) -> Refusals:
    labels = node.facts.labels
    if not any(label in labels for label in PLACE_LABELS):
        return ()
    for claim, volume in demand.bound:
        for label, values in volume.places:
            if labels.get(label) not in values:
                have = f"the node has {label}={labels[label]}" if label in labels else f"the node has no label {label}"
                wanted = f"volume {volume.name} of claim {claim} wants {label} in ({', '.join(sorted(values))})"
                return (Refusal(_ZONE, f"{wanted}, {have}"),)
    return ()
