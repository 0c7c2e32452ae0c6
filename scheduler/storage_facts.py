"""What the scheduler reads of claims, volumes, storage classes and a node's limits: facts of one object each.

They come from the API objects and never change; whoever needs more than one object looks at `Storage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from podwright.scheduler.constraints import Term, node_terms

JSON = dict[str, Any]

_BIND_COMPLETED: Final = "pv.kubernetes.io/bind-completed"
_DEFAULT_CLASS: Final = "volume.beta.kubernetes.io/storage-class"
_PLACES: Final = {
    "topology.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region": "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
}
PLACE_LABELS: Final = frozenset(_PLACES.values())


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A PersistentVolumeClaim. `volume` is the name of the one it is bound or meant to be bound to, "" for none."""

    name: str
    volume: str
    bound: bool
    lost: bool
    deleting: bool
    one_pod: bool  # ReadWriteOncePod
    storage_class: str
    owner: str  # uid of the controlling owner


@dataclass(frozen=True, slots=True)
class VolumeFacts:
    """A PersistentVolume. `places` are zones and regions that its labels name, each with the values that will do."""

    name: str
    required: tuple[Term, ...] | None
    places: tuple[tuple[str, frozenset[str]], ...]
    driver: str
    handle: str


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A StorageClass. `waits`: claims get their volume only once a pod is placed (WaitForFirstConsumer)."""

    waits: bool
    provisioner: str


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """A CSINode: how many volumes of each driver its node can have; drivers without a limit are left out."""

    counts: Mapping[str, int]


def claim_facts(claim: JSON) -> ClaimFacts:
    """Read a PersistentVolumeClaim."""
    meta, spec, status = claim["metadata"], claim.get("spec") or {}, claim.get("status") or {}
    annotations = meta.get("annotations") or {}
    volume = spec.get("volumeName") or ""
    owners = [o.get("uid", "") for o in meta.get("ownerReferences") or () if o.get("controller")]
    return ClaimFacts(
        name=meta["name"],
        volume=volume,
        bound=bool(volume) and (_BIND_COMPLETED in annotations or status.get("phase") == "Bound"),
        lost=status.get("phase") == "Lost",
        deleting="deletionTimestamp" in meta,
        one_pod="ReadWriteOncePod" in (spec.get("accessModes") or ()),
        storage_class=annotations.get(_DEFAULT_CLASS) or spec.get("storageClassName") or "",
        owner=owners[0] if owners else "",
    )


def volume_facts(volume: JSON) -> VolumeFacts:
    """Read a PersistentVolume."""
    meta, spec = volume["metadata"], volume.get("spec") or {}
    required = (spec.get("nodeAffinity") or {}).get("required")
    csi = spec.get("csi") or {}
    labels = meta.get("labels") or {}
    return VolumeFacts(
        name=meta["name"],
        required=None if required is None else node_terms(required.get("nodeSelectorTerms")),
        places=tuple((_PLACES[k], frozenset(v.split("__"))) for k, v in sorted(labels.items()) if k in _PLACES),
        driver=csi.get("driver") or "",
        handle=csi.get("volumeHandle") or "",
    )


def class_facts(storage_class: JSON) -> ClassFacts:
    """Read a StorageClass."""
    waits = storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"
    return ClassFacts(waits, storage_class.get("provisioner") or "")


def limit_facts(csi_node: JSON) -> LimitFacts:
    """Read a CSINode."""
    drivers = (csi_node.get("spec") or {}).get("drivers") or ()
    counts = {d["name"]: (d.get("allocatable") or {}).get("count") for d in drivers}
    return LimitFacts({name: count for name, count in counts.items() if count is not None})
