"""What wakes the Deployment controller, and what it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.api.labels import Selector
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import NAMESPACE, OWNER, Caches, orphans_of
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.deployment import Observed, reconcile
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import reference

JSON = dict[str, Any]


def controller(caches: Caches, workers: int) -> Controller:
    """Return the Deployment controller."""
    view = _View(caches)
    return Controller(
        name="deployment-controller",
        triggers=(
            Trigger(caches.deployments, own_key),
            Trigger(caches.replica_sets, view.by_replica_set),
            Trigger(caches.pods, view.by_pod),
        ),
        decide=view.decide,
        subject=view.subject,
        generation=view.generation,
        reports_failures=True,
        workers=workers,
    )


class _View:
    """The caches, seen from a Deployment."""

    def __init__(self, caches: Caches) -> None:
        self._caches = caches

    def decide(self, key: str, look: Look) -> Plan:
        deployment = self._caches.deployments.get(key)
        if deployment is None:
            return NOTHING
        return reconcile(deployment, self._observe(deployment), look.now, look.failure)

    def subject(self, key: str) -> JSON | None:
        deployment = self._caches.deployments.get(key)
        return reference("apps/v1", "Deployment", deployment.meta) if deployment is not None else None

    def generation(self, key: str) -> int:
        deployment = self._caches.deployments.get(key)
        return deployment.meta.generation if deployment is not None else 0

    def by_replica_set(self, old: Whole | None, new: Whole | None) -> set[str]:
        return {key for rs in (old, new) if rs is not None for key in self._owners(rs)}

    def by_pod(self, old: PodView | None, new: PodView | None) -> Iterator[str]:
        """Only the end of a pod matters, and only where new pods must wait for it."""
        ended = old is not None and not old.finished and (new is None or new.finished)
        owner = old.meta.controller if old is not None and ended else None
        if old is None or owner is None or owner.kind != "ReplicaSet":
            return
        rs = self._caches.replica_sets.get(f"{old.meta.namespace}/{owner.name}")
        above = rs.meta.controller if rs is not None else None
        if above is not None and above.kind == "Deployment":
            key = f"{old.meta.namespace}/{above.name}"
            deployment = self._caches.deployments.get(key)
            if deployment is not None and _recreates(deployment):
                yield key

    def _observe(self, deployment: Whole) -> Observed:
        mine = self._caches.replica_sets.by_index(OWNER, deployment.meta.uid)
        orphans = self._caches.replica_sets.by_index(OWNER, orphans_of(deployment.meta.namespace))
        running = {rs.meta.uid for rs in mine if self._runs(rs)} if _recreates(deployment) else set[str]()
        return Observed((*mine, *orphans), frozenset(running))

    def _runs(self, rs: Whole) -> bool:
        return any(not pod.finished for pod in self._caches.pods.by_index(OWNER, rs.meta.uid))

    def _owners(self, rs: Whole) -> Iterator[str]:
        owner = rs.meta.controller
        if owner is not None:
            if owner.kind == "Deployment":
                yield f"{rs.meta.namespace}/{owner.name}"
            return
        for deployment in self._caches.deployments.by_index(NAMESPACE, rs.meta.namespace):
            if Selector.from_label_selector(deployment.spec.get("selector")).matches(rs.meta.labels):
                yield deployment.meta.key


def _recreates(deployment: Whole) -> bool:
    """Tell whether old pods must end before new ones begin."""
    return (deployment.spec.get("strategy") or {}).get("type") == "Recreate"
