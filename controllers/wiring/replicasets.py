"""What wakes the controllers of ReplicaSets and ReplicationControllers, and what they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from podwright.client.informer import Informer
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import OWNER, Caches, orphans_of
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.meta import Whole
from podwright.controllers.references import reference
from podwright.controllers.replicaset import REPLICA_SET, REPLICATION_CONTROLLER, Keeper, Observed, reconcile
from podwright.controllers.wiring.owned import keepers_of

JSON = dict[str, Any]


def controller(caches: Caches, workers: int) -> Controller:
    """Return the ReplicaSet controller."""

    def siblings(rs: Whole) -> Iterable[Whole]:
        above = rs.meta.controller
        return caches.replica_sets.by_index(OWNER, above.uid) if above is not None else ()

    return _controller("replicaset-controller", caches, caches.replica_sets, REPLICA_SET, siblings, workers)


def replication_controllers(caches: Caches, workers: int) -> Controller:
    """Return the ReplicationController controller."""
    keepers = caches.replication_controllers
    return _controller("replication-controller", caches, keepers, REPLICATION_CONTROLLER, lambda _: (), workers)


def _controller(
    name: str, caches: Caches, keepers: Informer[Whole], keeper: Keeper,
    siblings: Callable[[Whole], Iterable[Whole]], workers: int,
) -> Controller:  # fmt: skip
    kind, api_version = keeper.resource.kind, keeper.resource.api_version

    def decide(key: str, look: Look) -> Plan:
        rs = keepers.get(key)
        return NOTHING if rs is None else reconcile(rs, observe(rs), look.now, look.failure, keeper)

    def observe(rs: Whole) -> Observed:
        mine = caches.pods.by_index(OWNER, rs.meta.uid)
        orphans = caches.pods.by_index(OWNER, orphans_of(rs.meta.namespace))
        related = [pod for s in siblings(rs) for pod in caches.pods.by_index(OWNER, s.meta.uid)]
        return Observed((*mine, *orphans), tuple(related))

    def generation(key: str) -> int:
        rs = keepers.get(key)
        return rs.meta.generation if rs is not None else 0

    def subject(key: str) -> JSON | None:
        rs = keepers.get(key)
        return reference(api_version, kind, rs.meta) if rs is not None else None

    return Controller(
        name=name,
        triggers=(Trigger(keepers, own_key), Trigger(caches.pods, keepers_of(kind, keepers, keeper.select))),
        decide=decide,
        subject=subject,
        generation=generation,
        reports_failures=True,
        workers=workers,
    )
