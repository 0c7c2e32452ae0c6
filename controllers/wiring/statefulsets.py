"""What wakes the StatefulSet controller: StatefulSets, their pods, revisions and claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.controllers import statefulset
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import NAMESPACE, OWNER, Caches, orphans_of
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.meta import Bare, Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import reference
from podwright.controllers.stateful_pods import claim_names, ordinal_of, slots_of
from podwright.controllers.statefulset import Observed
from podwright.controllers.wiring.owned import keepers_of

JSON = dict[str, Any]


def controller(caches: Caches, workers: int) -> Controller:
    """Return the StatefulSet controller."""

    def decide(key: str, look: Look) -> Plan:
        sts = caches.stateful_sets.get(key)
        if sts is None:
            return NOTHING
        mine = caches.pods.by_index(OWNER, sts.meta.uid)
        orphans = caches.pods.by_index(OWNER, orphans_of(sts.meta.namespace))
        revisions = tuple(caches.controller_revisions.by_index(OWNER, sts.meta.uid))
        pods = (*mine, *orphans)
        observed = Observed(pods, revisions, _claims(caches, sts, pods))
        return statefulset.reconcile(sts, observed, look.now, look.failure)

    by_owned = keepers_of("StatefulSet", caches.stateful_sets)

    def by_claim(old: Bare | None, new: Bare | None) -> Iterator[str]:
        item = new or old
        for sts in caches.stateful_sets.by_index(NAMESPACE, item.meta.namespace if item is not None else ""):
            templates = sts.spec.get("volumeClaimTemplates") or ()
            if item is not None and any(item.meta.name.startswith(f"{t['metadata']['name']}-") for t in templates):
                yield sts.meta.key

    def subject(key: str) -> JSON | None:
        sts = caches.stateful_sets.get(key)
        return reference("apps/v1", "StatefulSet", sts.meta) if sts is not None else None

    def generation(key: str) -> int:
        sts = caches.stateful_sets.get(key)
        return sts.meta.generation if sts is not None else 0

    return Controller(
        name="statefulset-controller",
        triggers=(
            Trigger(caches.stateful_sets, own_key),
            Trigger(caches.pods, by_owned),
            Trigger(caches.controller_revisions, by_owned),
            Trigger(caches.claims, by_claim),
        ),
        decide=decide,
        subject=subject,
        generation=generation,
        workers=workers,
    )


def _claims(caches: Caches, sts: Whole, pods: tuple[PodView, ...]) -> dict[str, Bare]:
    """The claims that there are of the ordinals that are wanted or have a pod, by name."""
    if not sts.spec.get("volumeClaimTemplates"):
        return {}
    there = {n for pod in pods if (n := ordinal_of(sts.meta, pod.meta.name)) is not None}
    found: dict[str, Bare] = {}
    for ordinal in there.union(slots_of(sts)):
        for name in claim_names(sts, ordinal):
            claim = caches.claims.get(f"{sts.meta.namespace}/{name}")
            if claim is not None:
                found[name] = claim
    return found
