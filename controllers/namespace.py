"""The end of a namespace: everything in it is deleted, and when nothing is left, the namespace lets go.

Pods go first, so that nothing they use disappears under them. What remains (finalizers, graceful ends) is reported
in the conditions that clients wait on. It must never let go on the word of a cache: `Remains` is read live.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from podwright.api.resources import Resource
from podwright.controllers import conditions
from podwright.controllers.actions import NOTHING, Batch, DeleteAll, Patch, Plan, Step, Update
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Meta, Whole
from podwright.controllers.resources import NAMESPACES, PODS

JSON = dict[str, Any]

FINALIZER: Final = "kubernetes"
_SOON: Final = 0.05  # seconds until a look at what is left of what was told to go
_RETRY: Final = 1.0  # seconds; what ends by itself is seen by watches, this is for what nobody reports
_OK: Final = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    (
        "NamespaceDeletionContentFailure", "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    ("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    ("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left in the namespace, by resource; `error` tells what could not be read or deleted, `unknown` which
    group-versions may have more of it and could not be asked."""

    objects: Sequence[tuple[Resource, Sequence[Meta]]]
    error: str = ""
    unknown: Sequence[str] = ()

    @property
    def total(self) -> int:
        """How many objects are left."""
        return sum(len(items) for _, items in self.objects)


def reconcile(namespace: Whole, remains: Remains | None, now: datetime, *, failed: bool = False) -> Plan:
    """Return the next step of a namespace's end; `remains` is None while it is not being deleted.

    What nobody told to go yet is told first: only what stays after that is worth a report, or what `failed` to go.
    """
    if namespace.meta.deleted is None or remains is None:
        return NOTHING
    finalizers: list[str] = namespace.spec.get("finalizers") or []
    if FINALIZER not in finalizers:
        return NOTHING
    steps: list[Step] = []
    if not remains.total and not remains.error and not remains.unknown:
        steps += _reported(namespace, remains, now)
        # No version: whatever happened to the object meanwhile, its content is gone and nothing can be added to it.
        body = {
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace.meta.name},
            "spec": {"finalizers": [name for name in finalizers if name != FINALIZER]},
        }  # fmt: skip
        return Plan((*steps, Update(NAMESPACES, "", body, "finalize")))
    next_to_go = _untold(remains)
    if failed or remains.error or remains.unknown or not next_to_go:
        steps += _reported(namespace, remains, now)
    if next_to_go:
        steps.append(Batch(tuple(DeleteAll(resource, namespace.meta.name) for resource in next_to_go)))
    return Plan(tuple(steps), _SOON if next_to_go else _RETRY)


def _untold(remains: Remains) -> list[Resource]:
    """Return of what there are objects that are to go now and are not being deleted: pods, then everything else."""
    pods = any(items for resource, items in remains.objects if resource.qualified == PODS.qualified)
    return [
        resource
        for resource, items in remains.objects
        if pods is (resource.qualified == PODS.qualified) and any(meta.deleted is None for meta in items)
    ]


def _reported(namespace: Whole, remains: Remains, now: datetime) -> list[Step]:
    """Return the patch of the conditions, if anything about them changed."""
    bad = _findings(remains)
    listed: list[JSON] = namespace.status.get("conditions") or []
    for kind, reason, message in _OK:
        found = bad.get(kind)
        status, why, text = ("True", *found) if found else ("False", reason, message)
        listed = conditions.put(listed, {"type": kind, "status": status, "reason": why, "message": text}, now)
    difference = merge_diff(namespace.status, {**namespace.status, "conditions": listed})
    if not difference:
        return []
    body = {"metadata": {"uid": namespace.meta.uid}, "status": difference}
    return [Patch(NAMESPACES, "", namespace.meta.name, body, subresource="status")]


def _findings(remains: Remains) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    if remains.unknown:
        missing = ", ".join(f"{name}: stale GroupVersion discovery: {name}" for name in remains.unknown)
        failing = f"Discovery failed for some groups, {len(remains.unknown)} failing"
        text = f"{failing}: unable to retrieve the complete list of server APIs: {missing}"
        found["NamespaceDeletionDiscoveryFailure"] = ("DiscoveryFailed", text)
    if remains.error:
        found["NamespaceDeletionContentFailure"] = ("ContentDeletionFailed", remains.error)
    left = {resource.qualified: len(items) for resource, items in remains.objects if items}
    if left:
        parts = ", ".join(f"{_dotted(name)} has {count} resource instances" for name, count in sorted(left.items()))
        found["NamespaceContentRemaining"] = ("SomeResourcesRemain", f"Some resources are remaining: {parts}")
    holders = Counter(name for _, items in remains.objects for meta in items for name in meta.finalizers)
    if holders:
        parts = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(holders.items()))
        text = f"Some content in the namespace has finalizers remaining: {parts}"
        found["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", text)
    return found


def _dotted(qualified: str) -> str:
    """Return plural.group as the message words it: with the dot even for the core group."""
    return qualified if "." in qualified else f"{qualified}."
