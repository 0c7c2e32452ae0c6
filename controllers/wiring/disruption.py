"""What wakes the disruption controller: budgets, their pods, and a changed scale of what the pods belong to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from podwright.api.labels import Selector, SelectorError
from podwright.api.resources import RESOURCES
from podwright.controllers import disruption, disruption_target
from podwright.controllers.actions import Plan
from podwright.controllers.caches import NAMESPACE, Caches
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.disruption import Scales
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import HasMeta
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import reference
from podwright.controllers.scales import ScaleReads

JSON = dict[str, Any]
_SCALED: Final = tuple(row.qualified for row in RESOURCES if "scale" in row.subresources)


def controller(caches: Caches, reads: ScaleReads, workers: int) -> Controller:
    """Return the disruption controller."""

    async def observe(key: str) -> Scales:
        budget = caches.disruption_budgets.get(key)
        if budget is None or not disruption.needs_scale(budget.spec):
            return Scales({})
        wanted: dict[str, int] = {}
        for owner, pod in disruption.owners_of(_pods(caches, budget)).values():
            found = await reads.scale(owner, budget.meta.namespace)
            if found is None:
                return Scales({}, pod)
            wanted[found[0]] = found[1]
        return Scales(wanted)

    def decide(key: str, look: Look) -> Plan:
        budget = caches.disruption_budgets.get(key)
        pods = _pods(caches, budget) if budget is not None else []
        return disruption.reconcile(budget, pods, look.observed, look.now)

    def by_pod(old: PodView | None, new: PodView | None) -> Iterator[str]:
        pods = [pod for pod in (old, new) if pod is not None]
        budgets = caches.disruption_budgets.by_index(NAMESPACE, pods[0].meta.namespace)
        if not budgets or _facts(old) == _facts(new):
            return
        for budget in budgets:
            selector = _selector(budget)
            if any(selector.matches(pod.meta.labels) for pod in pods):
                yield budget.meta.key

    def by_scale(old: HasMeta | None, new: HasMeta | None) -> Iterator[str]:
        changed = new or old
        if changed is None or (old and new and old.meta.generation == new.meta.generation):
            return
        for budget in caches.disruption_budgets.by_index(NAMESPACE, changed.meta.namespace):
            if disruption.needs_scale(budget.spec):
                yield budget.meta.key

    def subject(key: str) -> JSON | None:
        budget = caches.disruption_budgets.get(key)
        return reference("policy/v1", "PodDisruptionBudget", budget.meta) if budget is not None else None

    return Controller(
        name="disruption-controller",
        triggers=(
            Trigger(caches.disruption_budgets, own_key),
            Trigger(caches.pods, by_pod),
            *(Trigger(caches.all[name], by_scale) for name in _SCALED),
        ),
        decide=decide,
        observe=observe,
        subject=subject,
        workers=workers,
    )


def stale_targets(caches: Caches, workers: int) -> Controller:
    """Return the controller that takes back disruptions of pods that did not come."""

    def decide(key: str, look: Look) -> Plan:
        return disruption_target.reconcile(caches.pods.get(key), look.now)

    def by_pod(_: PodView | None, new: PodView | None) -> Iterator[str]:
        if new is not None and new.disrupted_since is not None:
            yield new.meta.key

    triggers = (Trigger(caches.pods, by_pod),)
    return Controller(name="disruption-target-controller", triggers=triggers, decide=decide, workers=workers)


def _selector(budget: Whole) -> Selector:
    try:
        return Selector.from_label_selector(budget.spec.get("selector"))
    except SelectorError:
        return Selector.from_label_selector(None)


def _pods(caches: Caches, budget: Whole) -> list[PodView]:
    selector = _selector(budget)
    return [p for p in caches.pods.by_index(NAMESPACE, budget.meta.namespace) if selector.matches(p.meta.labels)]


def _facts(pod: PodView | None) -> object:
    """Return what of a pod a budget looks at."""
    if pod is None:
        return None
    meta = pod.meta
    return (meta.uid, meta.labels, meta.deleted is None, pod.ready, meta.controller)
