"""Claims and volumes that are being deleted go once nothing uses them: then their finalizer is taken away.

A claim is used by pods that are on a node and not finished; a volume by the claim it is bound to.
"""

from __future__ import annotations

from collections.abc import Iterable

from podwright.api.resources import Resource
from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.meta import Meta, Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"


def release_claim(meta: Meta, pods: Iterable[PodView]) -> Plan:
    """Return how a claim goes, given the pods of its namespace."""
    if meta.deleted is None or CLAIM_FINALIZER not in meta.finalizers:
        return NOTHING
    if any(meta.name in pod.claims and pod.node and not pod.finished for pod in pods):
        return NOTHING
    return Plan((_release(PERSISTENT_VOLUME_CLAIMS, meta, CLAIM_FINALIZER),))


def release_volume(volume: Whole) -> Plan:
    """Return how a volume goes."""
    if volume.meta.deleted is None or VOLUME_FINALIZER not in volume.meta.finalizers:
        return NOTHING
    if volume.status.get("phase") == "Bound":
        return NOTHING
    return Plan((_release(PERSISTENT_VOLUMES, volume.meta, VOLUME_FINALIZER),))


def _release(resource: Resource, meta: Meta, finalizer: str) -> Patch:
    left = [name for name in meta.finalizers if name != finalizer]
    metadata = {"uid": meta.uid, "resourceVersion": meta.version, "finalizers": left or None}
    return Patch(resource, meta.namespace, meta.name, {"metadata": metadata})
