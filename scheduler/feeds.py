"""The watches that only some pods need: claims and what they name, labels of namespaces, disruption budgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from podwright.api.labels import Selector
from podwright.api.resources import Resource, find
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.informer import Informer
from podwright.scheduler.on_demand import OnDemand
from podwright.scheduler.preemption import BudgetFacts
from podwright.scheduler.storage import Storage, Touched
from podwright.scheduler.storage_facts import claim_facts, class_facts, limit_facts, volume_facts

JSON = dict[str, Any]
Facts = TypeVar("Facts")

_STORAGE: Final = "storage.k8s.io"


def storage_feed(client: Client, clock: Clock, storage: Storage, on_change: Callable[[Touched], None]) -> OnDemand:
    """Keep `storage` up to date, from the first pod that mounts a claim on."""
    informers: list[Informer[Any]] = []

    def follow(resource: Resource, decode: Callable[[JSON], Facts], facts: dict[str, Facts]) -> None:
        informer = Informer(client, resource, decode=decode, clock=clock)
        informer.add_handler(partial(_keep, resource.plural, facts, on_change))
        informers.append(informer)

    follow(find("persistentvolumeclaims"), claim_facts, storage.claims)
    follow(find("persistentvolumes"), volume_facts, storage.volumes)
    follow(find("storageclasses", _STORAGE), class_facts, storage.classes)
    follow(find("csinodes", _STORAGE), limit_facts, storage.limits)
    return OnDemand(informers)


def namespace_feed(
    client: Client, clock: Clock, on_change: Callable[[str, Mapping[str, str] | None], None]
) -> OnDemand:
    """Tell the labels of each namespace, from the first pod on that selects namespaces by them."""

    def told(name: str, _: Mapping[str, str] | None, new: Mapping[str, str] | None) -> None:
        on_change(name, new)

    informer: Informer[Mapping[str, str]] = Informer(client, find("namespaces"), decode=_labels, clock=clock)
    informer.add_handler(told)
    return OnDemand([informer])


def budget_feed(client: Client, clock: Clock, budgets: dict[str, BudgetFacts]) -> OnDemand:
    """Keep disruption budgets up to date, from the first pod on that could displace another."""

    def told(key: str, _: BudgetFacts | None, new: BudgetFacts | None) -> None:
        if new is None:
            budgets.pop(key, None)
        else:
            budgets[key] = new

    resource = find("poddisruptionbudgets", "policy")
    informer: Informer[BudgetFacts] = Informer(client, resource, decode=_budget, clock=clock)
    informer.add_handler(told)
    return OnDemand([informer])


def _budget(obj: JSON) -> BudgetFacts:
    status = obj.get("status") or {}
    return BudgetFacts(
        namespace=obj["metadata"]["namespace"],
        selector=Selector.from_label_selector((obj.get("spec") or {}).get("selector")),
        allowed=status.get("disruptionsAllowed") or 0,
        granted=frozenset(status.get("disruptedPods") or ()),
    )


def _labels(obj: JSON) -> Mapping[str, str]:
    return obj["metadata"].get("labels") or {}


def _keep(
    plural: str,
    facts: dict[str, Facts],
    on_change: Callable[[Touched], None],
    key: str,
    old: Facts | None,
    new: Facts | None,
) -> None:
    if new is None:
        facts.pop(key, None)
    else:
        facts[key] = new
    if old != new:
        on_change((plural, key))
