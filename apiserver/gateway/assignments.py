"""What one node must know: its pods, the objects they refer to, services for their variables, the node itself.

Pure: from copies of everything to the set one node should have, and from two sets to the difference. A pod is sent
again only when something changed that its node did not write itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from podwright.apiserver.pod_references import CONFIG_MAPS, SECRETS
from podwright.apiserver.pod_references import references as named_by

JSON = dict[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace, name."""

OWNED_CONDITIONS = frozenset(
    (
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
        "PodResizePending",
        "PodResizeInProgress",
    )
)
"""Conditions that a pod's node writes; all others belong to someone else."""

API_SERVICE: Key = ("Service", "default", "kubernetes")


@dataclass(slots=True, eq=False)
class PodEntry:
    """A pod as the gateway keeps it. `raw` is its JSON without managedFields; empty for one that is not bound.

    What its node should hear of it is worked out when a node asks: most may be connected elsewhere, or nowhere.
    """

    namespace: str
    name: str
    uid: str
    node: str
    version: str
    raw: bytes
    account: str
    _heard: tuple[bytes, frozenset[Key]] | None

    @property
    def mark(self) -> bytes:
        """Changes when the node should hear of it."""
        return self._known()[0]

    @property
    def references(self) -> frozenset[Key]:
        """The objects that its node needs, too."""
        return self._known()[1]

    def _known(self) -> tuple[bytes, frozenset[Key]]:
        if self._heard is None:
            self._heard = _heard_of(orjson.loads(self.raw))
        return self._heard


@dataclass(frozen=True, slots=True)
class Blob:
    """Any other object as the gateway keeps it."""

    uid: str
    mark: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A node: what others need to reach it, and what itself should know of its object."""

    name: str
    uid: str
    pod_cidr: str
    address: str
    mark: bytes
    raw: bytes


def pod_entry(pod: JSON, connected: Container[str] = ()) -> PodEntry:
    """Read a pod. It is kept whole only when it is bound, and looked into when its node is one of the connected."""
    meta, spec = pod["metadata"], pod["spec"]
    node = spec.get("nodeName") or ""
    if not node:
        return PodEntry(meta["namespace"], meta["name"], meta["uid"], "", meta["resourceVersion"], b"", "", _NOTHING)
    meta = {key: value for key, value in meta.items() if key != "managedFields"}
    raw = orjson.dumps({"kind": "Pod", "apiVersion": "v1", "metadata": meta, "spec": spec, "status": pod.get("status")})
    account = spec.get("serviceAccountName") or "default"
    heard = _heard_of(pod) if node in connected else None
    return PodEntry(meta["namespace"], meta["name"], meta["uid"], node, meta["resourceVersion"], raw, account, heard)


def _heard_of(pod: JSON) -> tuple[bytes, frozenset[Key]]:
    return pod_mark(pod), references(pod)


_NOTHING: tuple[bytes, frozenset[Key]] = (b"", frozenset())
_UNSENT_META = ("resourceVersion", "managedFields")


def pod_mark(pod: Mapping[str, Any]) -> bytes:
    """Digest everything of a pod that is not its node's own word."""
    meta = {key: value for key, value in pod["metadata"].items() if key not in _UNSENT_META}
    conditions = (pod.get("status") or {}).get("conditions") or ()
    foreign = [c for c in conditions if c["type"] not in OWNED_CONDITIONS]
    return _digest([meta, pod["spec"], foreign])


def blob(kind: str) -> Callable[[JSON], Blob]:
    """Return a reader of objects of one kind."""

    def read(obj: JSON) -> Blob:
        meta = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
        raw = orjson.dumps({**obj, "kind": kind, "metadata": meta})
        return Blob(meta["uid"], meta["resourceVersion"].encode(), raw)

    return read


def node_entry(node: JSON) -> NodeEntry:
    """Read a node."""
    meta, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    addresses: dict[str, str] = {a["type"]: a["address"] for a in reversed(status.get("addresses") or [])}
    kept = {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {key: meta.get(key) for key in ("name", "uid", "labels", "annotations") if meta.get(key)},
        "spec": spec,
        "status": {key: status.get(key) or {} for key in ("capacity", "allocatable")},
    }
    raw = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    return NodeEntry(
        meta["name"], meta["uid"], spec.get("podCIDR") or "", addresses.get("InternalIP", ""), _digest(kept), raw
    )


def _digest(value: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()[:16]


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a node's set."""

    uid: str
    mark: bytes
    raw: bytes


def wanted(
    pods: Iterable[PodEntry],
    find: Callable[[Key], Blob | None],
    services: Callable[[str], Iterable[tuple[Key, Blob]]],
    node: NodeEntry | None,
) -> dict[Key, Item]:
    """Collect what a node with these pods should have. `services`: those of a namespace."""
    found: dict[Key, Item] = {}
    references: set[Key] = {API_SERVICE}
    namespaces: set[str] = set()
    for pod in pods:
        found["Pod", pod.namespace, pod.name] = Item(pod.uid, pod.mark, pod.raw)
        references |= pod.references
        namespaces.add(pod.namespace)
    for key in references:
        known = find(key)
        if known is not None:
            found[key] = Item(known.uid, known.mark, known.raw)
    for namespace in namespaces:
        for key, known in services(namespace):
            found[key] = Item(known.uid, known.mark, known.raw)
    if node is not None:
        found["Node", "", node.name] = Item(node.uid, node.mark, node.raw)
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """What to send so that a node's set becomes the wanted one."""

    changed: tuple[tuple[Key, Item], ...]
    removed: tuple[tuple[Key, str], ...]  # with the uid that goes

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


def difference(sent: Mapping[Key, tuple[str, bytes]], want: Mapping[Key, Item]) -> Difference:
    """Compare. `sent`: key -> (uid, mark). Another uid under the same name is a removal and an addition."""
    changed: list[tuple[Key, Item]] = []
    removed = [(key, uid) for key, (uid, _) in sent.items() if key not in want]
    for key, item in want.items():
        known = sent.get(key)
        if known == (item.uid, item.mark):
            continue
        if known is not None and known[0] != item.uid:
            removed.append((key, known[0]))
        changed.append((key, item))
    return Difference(tuple(changed), tuple(removed))


_SENT = {CONFIG_MAPS: "ConfigMap", SECRETS: "Secret"}


def references(pod: Mapping[str, Any]) -> frozenset[Key]:
    """Collect the ConfigMaps and Secrets a pod refers to."""
    namespace = pod["metadata"]["namespace"]
    return frozenset((_SENT[plural], namespace, name) for plural, name in named_by(pod) if plural in _SENT)
