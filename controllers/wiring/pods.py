"""What wakes the pod garbage collector, and what it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podwright.client.clock import Clock
from podwright.controllers import pod_gc
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import FINISHED, NODE, Caches
from podwright.controllers.config import ControllersConfig
from podwright.controllers.controller import Controller, Look, Trigger
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import pod_reference

_SURPLUS: Final = "*"  # stands for all finished pods; no pod can have this key


def controller(caches: Caches, clock: Clock, config: ControllersConfig) -> Controller:
    """Return the pod garbage collector."""
    missing: dict[str, float] = {}  # node name -> since when it is known not to exist, monotonic

    def decide(key: str, look: Look) -> Plan:
        if key == _SURPLUS:
            found = pod_gc.surplus(caches.pods.by_index(FINISHED, "yes"), config.terminated_pods)
            return Plan(tuple(step for pod in found for step in pod_gc.terminated(pod).steps))
        pod = caches.pods.get(key)
        if pod is None:
            return NOTHING
        if not pod.node:
            return pod_gc.unscheduled(pod)
        if caches.nodes.get(pod.node) is not None:
            return NOTHING
        since = missing.setdefault(pod.node, look.monotonic)
        return pod_gc.orphaned(pod, look.monotonic - since, config.orphan_grace, look.now)

    def by_pod(old: PodView | None, new: PodView | None) -> Iterator[str]:
        if new is None:
            return
        if (new.node and caches.nodes.get(new.node) is None) or (new.meta.deleted is not None and not new.node):
            yield new.meta.key
        if new.finished and (old is None or not old.finished) and too_many():
            yield _SURPLUS

    def too_many() -> bool:
        return len(caches.pods) > config.terminated_pods > 0

    def by_node(old: Whole | None, new: Whole | None) -> Iterator[str]:
        if new is not None:
            missing.pop(new.meta.name, None)
        elif old is not None:
            missing[old.meta.name] = clock.monotonic()
            yield from caches.pods.keys_by_index(NODE, old.meta.name)

    def subject(key: str) -> dict[str, object] | None:
        pod = caches.pods.get(key)
        return pod_reference(pod.meta) if pod is not None else None

    return Controller(
        name="pod-garbage-collector",
        triggers=(Trigger(caches.nodes, by_node), Trigger(caches.pods, by_pod)),
        decide=decide,
        subject=subject,
        workers=config.workers,
    )
