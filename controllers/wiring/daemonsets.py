"""What wakes the DaemonSet controller: DaemonSets, their pods and revisions, and what a node lets run on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.controllers import daemonset
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import OWNER, Caches, orphans_of
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.daemonset import Observed
from podwright.controllers.meta import Whole
from podwright.controllers.references import reference
from podwright.controllers.wiring.owned import keepers_of

JSON = dict[str, Any]


def controller(caches: Caches, workers: int) -> Controller:
    """Return the DaemonSet controller."""

    def decide(key: str, look: Look) -> Plan:
        ds = caches.daemon_sets.get(key)
        if ds is None:
            return NOTHING
        mine = caches.pods.by_index(OWNER, ds.meta.uid)
        orphans = caches.pods.by_index(OWNER, orphans_of(ds.meta.namespace))
        revisions = tuple(caches.controller_revisions.by_index(OWNER, ds.meta.uid))
        observed = Observed(tuple(caches.nodes.list()), (*mine, *orphans), revisions)
        return daemonset.reconcile(ds, observed, look.now, look.failure)

    by_owned = keepers_of("DaemonSet", caches.daemon_sets)

    def by_node(old: Whole | None, new: Whole | None) -> Iterator[str]:
        if old is not None and new is not None and _lets_in(old) == _lets_in(new):
            return  # a heartbeat
        yield from [ds.meta.key for ds in caches.daemon_sets.list()]

    def subject(key: str) -> JSON | None:
        ds = caches.daemon_sets.get(key)
        return reference("apps/v1", "DaemonSet", ds.meta) if ds is not None else None

    def generation(key: str) -> int:
        ds = caches.daemon_sets.get(key)
        return ds.meta.generation if ds is not None else 0

    return Controller(
        name="daemonset-controller",
        triggers=(
            Trigger(caches.daemon_sets, own_key),
            Trigger(caches.pods, by_owned),
            Trigger(caches.controller_revisions, by_owned),
            Trigger(caches.nodes, by_node),
        ),
        decide=decide,
        subject=subject,
        generation=generation,
        workers=workers,
    )


def _lets_in(node: Whole) -> tuple[Any, Any]:
    return node.meta.labels, node.spec.get("taints")
