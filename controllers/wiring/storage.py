"""What wakes the controllers of volumes and claims, and what they look at."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.controllers import storage_protection, volume_phase
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import NAMESPACE, Caches
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.ownership import HasMeta
from podwright.controllers.pod_view import PodView


def claims(caches: Caches, workers: int) -> Controller:
    """Return the controller of claims."""

    def decide(key: str, _look: Look) -> Plan:
        claim: HasMeta | None = caches.claims.get(key)
        if claim is None:
            return NOTHING
        pods = caches.pods.by_index(NAMESPACE, claim.meta.namespace)
        return storage_protection.release_claim(claim.meta, pods)

    def by_pod(old: PodView | None, new: PodView | None) -> Iterator[str]:
        if old is not None and (new is None or new.finished):
            yield from (f"{old.meta.namespace}/{name}" for name in old.claims)

    return Controller(
        name="persistentvolumeclaim-protection-controller",
        triggers=(Trigger(caches.claims, own_key), Trigger(caches.pods, by_pod)),
        decide=decide,
        workers=workers,
    )


def volumes(caches: Caches, workers: int) -> Controller:
    """Return the controller of volumes."""

    def decide(key: str, _look: Look) -> Plan:
        volume = caches.volumes.get(key)
        return NOTHING if volume is None else storage_protection.release_volume(volume)

    return Controller(
        name="persistentvolume-protection-controller",
        triggers=(Trigger(caches.volumes, own_key),),
        decide=decide,
        workers=workers,
    )


def phases(caches: Caches, workers: int) -> Controller:
    """Return the controller of volumes that are nobody's."""
    return Controller(
        name="persistentvolume-phase-controller",
        triggers=(Trigger(caches.volumes, own_key),),
        decide=lambda key, _look: volume_phase.reconcile(caches.volumes.get(key)),
        workers=workers,
    )
