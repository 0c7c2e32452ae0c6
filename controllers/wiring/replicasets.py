"""What wakes the ReplicaSet controller, and what it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.api.labels import Selector
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import NAMESPACE, OWNER, Caches, orphans_of
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.meta import Meta, Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import reference
from podwright.controllers.replicaset import Observed, reconcile

JSON = dict[str, Any]


def controller(caches: Caches, workers: int) -> Controller:
    """Return the ReplicaSet controller."""

    def decide(key: str, look: Look) -> Plan:
        rs = caches.replica_sets.get(key)
        return NOTHING if rs is None else reconcile(rs, observe(rs), look.now, look.failure)

    def observe(rs: Whole) -> Observed:
        mine = caches.pods.by_index(OWNER, rs.meta.uid)
        orphans = caches.pods.by_index(OWNER, orphans_of(rs.meta.namespace))
        above = rs.meta.controller
        siblings = caches.replica_sets.by_index(OWNER, above.uid) if above is not None else ()
        related = [pod for s in siblings for pod in caches.pods.by_index(OWNER, s.meta.uid)]
        return Observed((*mine, *orphans), tuple(related))

    def by_pod(old: PodView | None, new: PodView | None) -> Iterator[str]:
        seen: set[str] = set()
        for pod in (old, new):
            if pod is not None:
                seen.update(owners(pod.meta))
        yield from seen

    def owners(meta: Meta) -> Iterator[str]:
        owner = meta.controller
        if owner is None:
            yield from matching(meta)
        elif owner.kind == "ReplicaSet":
            yield f"{meta.namespace}/{owner.name}"

    def matching(meta: Meta) -> Iterator[str]:
        for rs in caches.replica_sets.by_index(NAMESPACE, meta.namespace):
            if Selector.from_label_selector(rs.spec.get("selector")).matches(meta.labels):
                yield rs.meta.key

    def generation(key: str) -> int:
        rs = caches.replica_sets.get(key)
        return rs.meta.generation if rs is not None else 0

    def subject(key: str) -> JSON | None:
        rs = caches.replica_sets.get(key)
        return reference("apps/v1", "ReplicaSet", rs.meta) if rs is not None else None

    return Controller(
        name="replicaset-controller",
        triggers=(Trigger(caches.replica_sets, own_key), Trigger(caches.pods, by_pod)),
        decide=decide,
        subject=subject,
        generation=generation,
        reports_failures=True,
        workers=workers,
    )
