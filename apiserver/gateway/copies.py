"""The gateway's copies of what nodes need, one watch a kind for all nodes together, and who is told of a change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from podwright.api.resources import Resource, find
from podwright.apiserver.gateway.assignments import (
    Blob,
    Key,
    NodeEntry,
    PodEntry,
    blob,
    node_entry,
    pod_entry,
)
from podwright.client.client import Client
from podwright.client.informer import Informer, split_key
from podwright.client.tasks import TaskGroup

POD = find("pods")
NODE = find("nodes")
_KINDS: tuple[Resource, ...] = (find("configmaps"), find("secrets"), find("services"))


class Listener(Protocol):
    """A connected node."""

    def refers_to(self, key: Key) -> bool:
        """Whether a change of this object concerns the node."""
        ...

    def wake(self) -> None:
        """Something that concerns the node changed."""
        ...


class Copies:
    """Live copies of pods, nodes, ConfigMaps, Secrets and Services."""

    def __init__(self, client: Client) -> None:
        self.listeners: dict[str, Listener] = {}  # by node name
        read = partial(pod_entry, connected=self.listeners)
        self.pods: Informer[PodEntry] = Informer(client, POD, decode=read, indexers={"node": _by_node})
        self.nodes: Informer[NodeEntry] = Informer(client, NODE, decode=node_entry)
        self._blobs: dict[str, Informer[Blob]] = {
            row.kind: Informer(client, row, decode=blob(row.kind)) for row in _KINDS
        }
        self._services: dict[str, set[str]] = {}  # namespace -> keys
        self.on_routes: Callable[[], None] = lambda: None
        self.pods.add_handler(self._pod_changed)
        self.nodes.add_handler(self._node_changed)
        for kind, informer in self._blobs.items():
            informer.add_handler(self._blob_changed(kind))

    async def run(self) -> None:
        """Keep the copies until cancelled."""
        async with TaskGroup() as group:
            for informer in (self.pods, self.nodes, *self._blobs.values()):
                group.create_task(informer.run(), name=f"gateway copy of {informer.resource.plural}")

    async def synced(self) -> None:
        """Wait until every copy is complete."""
        for informer in (self.pods, self.nodes, *self._blobs.values()):
            await informer.synced()

    def find(self, key: Key) -> Blob | None:
        """Look a ConfigMap, Secret or Service up."""
        kind, namespace, name = key
        return self._blobs[kind].get(f"{namespace}/{name}")

    def services(self, namespace: str) -> list[tuple[Key, Blob]]:
        """All Services of a namespace."""
        found: list[tuple[Key, Blob]] = []
        for key in self._services.get(namespace, ()):
            service = self._blobs["Service"].get(key)
            if service is not None:
                found.append((("Service", namespace, split_key(key)[1]), service))
        return found

    def _pod_changed(self, _key: str, old: PodEntry | None, new: PodEntry | None) -> None:
        for pod in (old, new):
            if pod is not None and pod.node in self.listeners:
                if old is not None and new is not None and old.mark == new.mark and old.uid == new.uid:
                    continue
                self.listeners[pod.node].wake()

    def _node_changed(self, key: str, old: NodeEntry | None, new: NodeEntry | None) -> None:
        if key in self.listeners and (old is None or new is None or old.mark != new.mark):
            self.listeners[key].wake()
        if (old and (old.pod_cidr, old.address)) != (new and (new.pod_cidr, new.address)):
            self.on_routes()

    def _blob_changed(self, kind: str) -> Callable[[str, Any, Any], None]:
        def changed(key: str, _old: Blob | None, new: Blob | None) -> None:
            namespace, name = split_key(key)
            if kind == "Service":
                keys = self._services.setdefault(namespace, set())
                keys.add(key) if new is not None else keys.discard(key)
            for listener in self.listeners.values():
                if listener.refers_to((kind, namespace, name)):
                    listener.wake()

        return changed


def _by_node(pod: PodEntry) -> tuple[str, ...]:
    return (pod.node,) if pod.node else ()
