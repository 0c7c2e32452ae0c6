"""Writes what a node says of itself: its Node object, its status, the Lease that shows it is alive, its events."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.api.times import format_micro_time
from podwright.apiserver.gateway.copies import NODE
from podwright.apiserver.gateway.merging import merge_node, merge_node_status
from podwright.client.client import Client

log = logging.getLogger(__name__)
JSON = dict[str, Any]
LEASE = find("leases", "coordination.k8s.io")
EVENT = find("events")
LEASE_NAMESPACE = "kube-node-lease"
_ATTEMPTS = 5


class NodeWriter:
    """Acts as one node."""

    def __init__(self, client: Client, node: str, now: Callable[[], datetime], lease_seconds: int) -> None:
        self._client = client
        self._node = node
        self._now = now
        self._lease_seconds = lease_seconds
        self._uid = ""

    async def register(self, node: JSON) -> None:
        """Create the Node object, or bring an existing one up to date. Raises ApiError, TransportError."""
        node = {**node, "kind": "Node", "apiVersion": "v1"}
        node["metadata"] = {**node["metadata"], "name": self._node}
        try:
            made = await self._client.create(NODE, {**node, "status": {}})
            self._uid = made["metadata"]["uid"]
        except ApiError as e:
            if e.reason != "AlreadyExists":
                raise
            await self._change(lambda old: merge_node(old, node))
        await self.status(node.get("status") or {})

    async def status(self, status: JSON) -> None:
        """Write the node's status. Raises ApiError, TransportError."""

        def joined(old: JSON) -> JSON:
            return {**old, "status": merge_node_status(old.get("status") or {}, status)}

        try:
            await self._change(joined, "status")
        except ApiError as e:
            _raise_unless_gone(e)

    async def _change(self, change: Callable[[JSON], JSON], subresource: str | None = None) -> None:
        for attempt in range(_ATTEMPTS):
            old = await self._client.get(NODE, self._node)
            self._uid = old["metadata"]["uid"]
            new = change(old)
            if new == old:
                return
            try:
                await self._client.update(NODE, new, subresource=subresource)
            except ApiError as e:
                if e.code != 409 or attempt == _ATTEMPTS - 1:
                    raise
                continue
            return

    async def renew(self) -> None:
        """Renew the node's Lease. Raises ApiError, TransportError."""
        time = format_micro_time(self._now())
        spec = {"holderIdentity": self._node, "leaseDurationSeconds": self._lease_seconds, "renewTime": time}
        try:
            await self._client.patch(LEASE, self._node, {"spec": spec}, namespace=LEASE_NAMESPACE)
        except ApiError as e:
            if e.code != 404 or not await self._exists():
                return _raise_unless_gone(e)
            owner = {"apiVersion": "v1", "kind": "Node", "name": self._node, "uid": self._uid}
            meta = {"name": self._node, "namespace": LEASE_NAMESPACE, "ownerReferences": [owner]}
            lease = {"kind": "Lease", "apiVersion": LEASE.api_version, "metadata": meta, "spec": spec}
            await self._client.create(LEASE, lease, namespace=LEASE_NAMESPACE)

    async def _exists(self) -> bool:
        """Whether the Node object is there; someone may have deleted it on purpose, and then it stays so."""
        try:
            self._uid = (await self._client.get(NODE, self._node))["metadata"]["uid"]
        except ApiError as e:
            if e.code == 404:
                return False
            raise
        return True

    async def event(self, event: JSON) -> None:
        """Record an event: a new one, or a higher count of one recorded before. Raises ApiError, TransportError."""
        meta = event["metadata"]
        namespace, name = meta.get("namespace") or "default", meta["name"]
        changed = {key: event[key] for key in ("count", "lastTimestamp", "message") if key in event}
        first, second = self._create_event, self._patch_event
        if event.get("count", 1) > 1:
            first, second = second, first
        try:
            await first(namespace, name, event, changed)
        except ApiError as e:
            if e.reason == "AlreadyExists" or (e.code == 404 and first == self._patch_event):
                await second(namespace, name, event, changed)
            elif e.code not in (403, 404):  # the namespace is going or gone
                raise

    async def _create_event(self, namespace: str, name: str, event: JSON, changed: JSON) -> None:
        del name, changed
        await self._client.create(EVENT, event, namespace=namespace)

    async def _patch_event(self, namespace: str, name: str, event: JSON, changed: JSON) -> None:
        del event
        await self._client.patch(EVENT, name, changed, namespace=namespace)


def _raise_unless_gone(error: ApiError) -> None:
    """A Node object that was deleted is not written to: the node comes back when its agent registers again."""
    if error.code != 404:
        raise error
