"""What wakes the namespace controllers: the end of namespaces, and what every namespace has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from podwright.controllers import namespace_defaults
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import Caches
from podwright.controllers.config import ControllersConfig
from podwright.controllers.controller import Controller, Look, Newcomers, Trigger, own_key
from podwright.controllers.live import NamespaceReads
from podwright.controllers.meta import Whole
from podwright.controllers.namespace import Remains, reconcile
from podwright.controllers.references import reference

JSON = dict[str, Any]


def lifecycle(caches: Caches, reads: NamespaceReads, workers: int) -> Controller:
    """Return the controller that empties namespaces that are being deleted."""

    async def observe(key: str) -> Remains | None:
        namespace = caches.namespaces.get(key)
        return await reads.remains(key) if namespace is not None and namespace.meta.deleted is not None else None

    def decide(key: str, look: Look) -> Plan:
        namespace = caches.namespaces.get(key)
        if namespace is None:
            return NOTHING
        return reconcile(namespace, look.observed, look.now, failed=look.failure is not None)

    def by_namespace(old: Whole | None, new: Whole | None) -> Iterator[str]:
        if new is not None and new.meta.deleted is not None and _needs_a_look(old, new):
            yield new.meta.key

    def by_content(old: Any, new: Any) -> Iterator[str]:
        """The end of an object may have been the last thing to wait for."""
        if old is not None and new is None:
            namespace = caches.namespaces.get(old.meta.namespace)
            if namespace is not None and namespace.meta.deleted is not None:
                yield namespace.meta.key

    content = tuple(Trigger(i, by_content) for i in caches.all.values() if i.resource.namespaced)
    return Controller(
        name="namespace-controller",
        triggers=(Trigger(caches.namespaces, by_namespace), *content),
        newcomers=Newcomers(caches.custom, lambda _: by_content),
        decide=decide,
        observe=observe,
        subject=_subject(caches),
        workers=workers,
    )


def accounts(caches: Caches, workers: int) -> Controller:
    """Return the controller that keeps the default ServiceAccount of every namespace."""

    def decide(key: str, _: Look) -> Plan:
        exists = caches.service_accounts.get(f"{key}/{namespace_defaults.ACCOUNT}") is not None
        return namespace_defaults.service_account(caches.namespaces.get(key), exists=exists)

    def by_account(old: Any, new: Any) -> Iterator[str]:
        if new is None and old.meta.name == namespace_defaults.ACCOUNT:
            yield old.meta.namespace

    triggers = (Trigger(caches.namespaces, own_key), Trigger(caches.service_accounts, by_account))
    return Controller(name="service-account-controller", triggers=triggers, decide=decide, workers=workers)


def root_ca(caches: Caches, config: ControllersConfig) -> Controller:
    """Return the controller that publishes the cluster's CA in every namespace."""

    def decide(key: str, _: Look) -> Plan:
        present = caches.config_maps.get(f"{key}/{namespace_defaults.ROOT_CA}")
        whole = present if isinstance(present, Whole) else None
        return namespace_defaults.root_ca(caches.namespaces.get(key), whole, config.root_ca)

    def by_config_map(old: Any, new: Any) -> Iterator[str]:
        meta = (new if new is not None else old).meta
        if meta.name == namespace_defaults.ROOT_CA:
            yield meta.namespace

    triggers = (Trigger(caches.namespaces, own_key), Trigger(caches.config_maps, by_config_map))
    return Controller(name="root-ca-certificate-publisher", triggers=triggers, decide=decide, workers=config.workers)


def _needs_a_look(old: Whole | None, new: Whole) -> bool:
    return old is None or old.meta.deleted is None or old.spec.get("finalizers") != new.spec.get("finalizers")


def _subject(caches: Caches) -> Callable[[str], JSON | None]:
    def subject(key: str) -> JSON | None:
        namespace = caches.namespaces.get(key)
        return reference("v1", "Namespace", namespace.meta) if namespace is not None else None

    return subject
