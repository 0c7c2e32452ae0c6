"""Claims, volumes, classes and limits as they are now, and what they mean for one pod.

    demand(pod, storage, users) -> Demand: what stands in the way everywhere, and what each node must offer

It must never bind, provision or promise anything: a claim is either bound or it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.storage_facts import ClaimFacts, ClassFacts, LimitFacts, VolumeFacts

Touched = tuple[str, str]  # plural and key of an object that changed


@dataclass(slots=True, eq=False)
class Storage:
    """The objects by their keys; kept up to date by the loop."""

    claims: dict[str, ClaimFacts] = field(default_factory=dict[str, ClaimFacts])
    volumes: dict[str, VolumeFacts] = field(default_factory=dict[str, VolumeFacts])
    classes: dict[str, ClassFacts] = field(default_factory=dict[str, ClassFacts])
    limits: dict[str, LimitFacts] = field(default_factory=dict[str, LimitFacts])

    def concerns(self, pod: PodInfo, touched: AbstractSet[Touched]) -> bool:
        """Tell whether what changed is a claim of the pod, or what such a claim names."""
        for use in pod.claims:
            key = f"{pod.namespace}/{use.claim}"
            claim = self.claims.get(key)
            if ("persistentvolumeclaims", key) in touched:
                return True
            if claim is not None and ("persistentvolumes", claim.volume) in touched:
                return True
            if claim is not None and ("storageclasses", claim.storage_class) in touched:
                return True
        return False

    def attached(self, pod: PodInfo) -> set[tuple[str, str]]:
        """Return (driver, handle) of each volume that the pod has attached to its node."""
        found: set[tuple[str, str]] = set()
        for use in pod.claims:
            claim = self.claims.get(f"{pod.namespace}/{use.claim}")
            volume = self.volumes.get(claim.volume) if claim is not None and claim.bound else None
            if volume is not None and volume.driver:
                found.add((volume.driver, volume.handle))
        return found


@dataclass(frozen=True, slots=True)
class Demand:
    """What a pod's claims ask. With `refusal` no node will do, whatever it offers; `detail` says more."""

    refusal: str = ""
    detail: str = ""
    bound: tuple[tuple[str, VolumeFacts], ...] = ()  # claim, volume
    vanished: tuple[tuple[str, str], ...] = ()  # claim, name of a volume that does not exist
    unbound: tuple[str, ...] = ()  # claims that wait for their first pod
    in_use: tuple[tuple[str, str], ...] = ()  # claim for one pod alone, the pod that has it
    storage: Storage | None = None  # where a node's limits and its pods' volumes are looked up


NOTHING: Final = Demand()


def demand(pod: PodInfo, storage: Storage, users: Mapping[str, AbstractSet[str]]) -> Demand:
    """Work out what the claims of a pod mean for its place. `users` are keys of the pods on nodes, by claim's key."""
    if not pod.claims:
        return NOTHING
    claims = {use: storage.claims.get(f"{pod.namespace}/{use.claim}") for use in pod.claims}
    for use, claim in claims.items():
        if claim is None and not use.owned:
            return Demand(f'persistentvolumeclaim "{use.claim}" not found', f"claim {use.claim} does not exist")
    found: list[ClaimFacts] = []
    for use, claim in claims.items():
        refusal = _unusable(pod, use.claim, claim, owned=use.owned)
        if refusal:
            return Demand(refusal, refusal)
        if claim is not None:
            found.append(claim)
    unbound = [claim for claim in found if not claim.bound]
    at_once = [claim.name for claim in unbound if not _waits(claim, storage)]
    if at_once:
        names = ", ".join(at_once)
        return Demand("pod has unbound immediate PersistentVolumeClaims", f"not bound to a volume: {names}")
    return Demand(
        bound=tuple((c.name, storage.volumes[c.volume]) for c in found if c.bound and c.volume in storage.volumes),
        vanished=tuple((c.name, c.volume) for c in found if c.bound and c.volume not in storage.volumes),
        unbound=tuple(claim.name for claim in unbound),
        in_use=_in_use(pod, found, users),
        storage=storage,
    )


def _unusable(pod: PodInfo, name: str, claim: ClaimFacts | None, *, owned: bool) -> str:
    if claim is None:
        return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
    if claim.lost:
        return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{claim.volume}"'
    if claim.deleting:
        return f'persistentvolumeclaim "{name}" is being deleted'
    if owned and claim.owner != pod.uid:
        return f"PVC {pod.namespace}/{name} was not created for pod {pod.key} (pod is not owner)"
    return ""


def _waits(claim: ClaimFacts, storage: Storage) -> bool:
    known = storage.classes.get(claim.storage_class)
    return known is not None and known.waits and not claim.volume


def _in_use(
    pod: PodInfo, claims: list[ClaimFacts], users: Mapping[str, AbstractSet[str]]
) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for claim in claims:
        if claim.one_pod:
            others = users.get(f"{pod.namespace}/{claim.name}", frozenset()) - {pod.key}
            found += [(claim.name, min(others))] if others else []
    return tuple(found)
