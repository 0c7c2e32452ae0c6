"""Keeps the status of quotas true: what was freed is put back, what changed is counted anew.

It looks when something changed that a quota counts, or what a quota asks for; a moment later, so that
many changes are one count; and at everything now and then. That a status was written is no reason to look: its writer
gets to see what was written. It must never hold up a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.apiserver.cache.item import Item
from podwright.apiserver.quota import charging
from podwright.apiserver.quota.quotas import Quotas
from podwright.apiserver.quota.usage import tracked
from podwright.apiserver.registry.core import NO_CLAIMS, Registry
from podwright.apiserver.registry.managing import after_part
from podwright.store.protocol import StoreError

JSON = dict[str, Any]
log = logging.getLogger(__name__)
_PAUSE: Final = 0.02  # seconds in which changes gather
_MANAGER: Final = "kube-controller-manager"  # by what name clients know who counts
_EVERYTHING: Final = 60.0  # seconds between looks at all quotas


class QuotaKeeper:
    """One task over all quotas."""

    def __init__(self, registry: Registry, quotas: Quotas) -> None:
        self._registry = registry
        self._quotas = quotas
        self._dirty: set[str] = set()
        self._asked: dict[str, dict[str, JSON]] = {}  # namespace -> quota -> the spec that was seen last
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin. The caches must be loaded."""
        self._registry.feed.listener = self.changed
        self._task = asyncio.create_task(self._run(), name="quota-keeper")

    async def stop(self) -> None:
        """End."""
        self._registry.feed.listener = None
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def changed(self, key: str, *, gone: bool) -> None:
        """Take note that a stored key changed: /registry/RESOURCE/NAMESPACE/NAME."""
        parts = key.split("/", 4)
        if len(parts) < 5:
            return
        qualified, namespace = parts[2], parts[3]
        if qualified == "resourcequotas" and self._asks_anew(namespace):
            self._look(namespace)
        elif namespace in self._asked:
            if gone:
                self._quotas.counting.forget(namespace, key)
            if any(tracked(qualified, spec.get("hard") or {}) for spec in self._asked[namespace].values()):
                self._look(namespace)

    def _look(self, namespace: str) -> None:
        self._dirty.add(namespace)
        self._wake.set()

    def _look_everywhere(self) -> None:
        for namespace in {*self._quotas.endpoint.cache.order, *self._asked}:
            self._asks_anew(namespace)
        self._dirty.update(self._asked)

    def _asks_anew(self, namespace: str) -> bool:
        """Take note of what the quotas of a namespace ask for; tell whether that changed."""
        endpoint = self._quotas.endpoint
        items = endpoint.cache.iterate(namespace) if namespace in endpoint.cache.collections else ()
        specs: dict[str, JSON] = {item.name: endpoint.object(item).get("spec") or {} for item in items}
        before = self._asked.get(namespace, {})
        if specs:
            self._asked[namespace] = specs
        elif before:
            del self._asked[namespace]
            self._quotas.counting.forget(namespace)
        return specs != before

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._look_everywhere()
        due = loop.time() + _EVERYTHING
        while True:
            try:
                await self._settle_all()
            except (ApiError, StoreError) as error:
                log.warning("Cannot update quotas: %s", error)
                await asyncio.sleep(1)
                continue
            try:
                async with asyncio.timeout_at(due):  # however often it is woken: what nobody touches has its turn too
                    await self._wake.wait()
            except TimeoutError:
                self._look_everywhere()
                due = loop.time() + _EVERYTHING
            await asyncio.sleep(_PAUSE)

    async def _settle_all(self) -> None:
        self._wake.clear()
        while self._dirty:
            namespace = self._dirty.pop()
            try:
                for item in list(self._quotas.endpoint.cache.iterate(namespace)):
                    await self._settle(item)
            except (ApiError, StoreError):
                self._dirty.add(namespace)
                raise

    async def _settle(self, item: Item) -> None:
        """Count, and store what came of it over the version that was looked at. No await before the store is asked."""
        current = self._quotas.endpoint.get(item.namespace, item.name)
        if current is None:
            return
        quota = self._quotas.endpoint.object(current)
        spec: JSON = quota.get("spec") or {}
        status = charging.status(spec.get("hard") or {}, self._quotas.counting.used(current.namespace, spec))
        if status == (quota.get("status") or {}):
            return
        endpoint = self._quotas.endpoint
        counted: JSON = {**quota, "status": status}
        owners = after_part(self._registry, endpoint, quota, counted, "status", _MANAGER)
        counted["metadata"] = {**quota["metadata"], **({"managedFields": owners} if owners else {})}
        stored, value = self._registry.encode(endpoint, counted)
        saved = await self._registry.save(endpoint, current.key, stored, value, current.revision, NO_CLAIMS)
        if not saved.done:  # somebody was faster: what they wrote is looked at again
            await self._registry.feed.reached(saved.revision)
            self._dirty.add(current.namespace)
