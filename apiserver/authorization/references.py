"""Which objects lead to a node: its pods, what these name, and the volumes behind their claims.

    node <- pod <- secret, configmap, service account, resource claim, claim <- volume <- secret
    node <- volume attachment, resource slice

An index over the caches of pods, volumes, attachments and slices that is brought up to date when somebody asks: a
cluster in which no node asks pays nothing, and a pod is taken apart only when its own node asks. It must never let a
mirror pod, which a node itself makes, lead anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from podwright.api.resources import find
from podwright.apiserver.admission.service_account import MIRROR
from podwright.apiserver.authorization.following import Followed, Place
from podwright.apiserver.cache.item import Item
from podwright.apiserver.pod_references import CLAIMS, SECRETS, references, volume_secrets
from podwright.apiserver.registry.endpoint import Endpoint

JSON = Mapping[str, Any]
Key = tuple[str, str, str]
"""Plural, namespace and name of an object."""

PODS: Final = "pods"
VOLUMES: Final = "persistentvolumes"
ATTACHMENTS: Final = "volumeattachments"
SLICES: Final = "resourceslices"
_NODE_NAME: Final = "spec.nodeName"


@dataclass(slots=True)
class _Pod:
    """A pod, and everything it names once somebody has asked."""

    item: Item
    keys: frozenset[Key] | None = None

    def named(self) -> frozenset[Key]:
        """What the pod names."""
        if self.keys is None:
            pod, namespace = self.item.object(), self.item.namespace
            mirror = MIRROR in (pod["metadata"].get("annotations") or {})
            self.keys = frozenset(() if mirror else ((plural, namespace, name) for plural, name in references(pod)))
        return self.keys


@dataclass(frozen=True, slots=True)
class _Volume:
    claim: Key
    secrets: tuple[Key, ...]


class References:
    """See the module."""

    def __init__(self, endpoints: Mapping[tuple[str, str, str], Endpoint]) -> None:
        self._pods: dict[str, dict[Place, _Pod]] = {}
        self._node_of: dict[Place, str] = {}
        self._direct: dict[Key, str] = {}
        self._volumes: dict[str, _Volume] = {}
        self._volumes_of: dict[Key, set[str]] = {}
        rows = (
            (find(PODS), self._take_pod),
            (find(VOLUMES), self._take_volume),
            (find(ATTACHMENTS, "storage.k8s.io"), self._take_attachment),
            (find(SLICES, "resource.k8s.io"), self._take_slice),
        )
        caches = [(endpoints[row.group, row.version, row.plural].cache, take) for row, take in rows]
        self._node_field = caches[0][0].field_index[_NODE_NAME]
        self._followed = tuple(Followed(cache, take) for cache, take in caches)

    def lead(self, node: str, plural: str, namespace: str, name: str) -> bool:
        """Tell whether an object leads to a node."""
        for followed in self._followed:
            followed.catch_up()
        if plural == PODS:
            return self._node_of.get((namespace, name)) == node
        key = (plural, namespace, name)
        if plural in {ATTACHMENTS, SLICES}:
            return self._direct.get(key) == node
        if plural == VOLUMES:
            return self._volume(name, node)
        if self._named(key, node):
            return True
        return plural == SECRETS and any(self._volume(volume, node) for volume in self._volumes_of.get(key, ()))

    def _named(self, key: Key, node: str) -> bool:
        return any(key in pod.named() for pod in self._pods.get(node, _NO_PODS).values())

    def _volume(self, name: str, node: str) -> bool:
        volume = self._volumes.get(name)
        return volume is not None and self._named(volume.claim, node)

    def _take_pod(self, item: Item, *, gone: bool) -> None:
        place = (item.namespace, item.name)
        before, node = self._node_of.get(place), "" if gone else item.fields[self._node_field]
        if before is not None and before != node:
            pods = self._pods[before]
            del self._node_of[place], pods[place]
            if not pods:
                del self._pods[before]
        if node:
            self._node_of[place] = node
            self._pods.setdefault(node, {})[place] = _Pod(item)

    def _take_attachment(self, item: Item, *, gone: bool) -> None:
        self._take_direct(ATTACHMENTS, item, gone=gone)

    def _take_slice(self, item: Item, *, gone: bool) -> None:
        self._take_direct(SLICES, item, gone=gone)

    def _take_direct(self, plural: str, item: Item, *, gone: bool) -> None:
        key = (plural, "", item.name)
        node = "" if gone else (item.object().get("spec") or {}).get("nodeName") or ""
        if node:
            self._direct[key] = node
        else:
            self._direct.pop(key, None)

    def _take_volume(self, item: Item, *, gone: bool) -> None:
        before = self._volumes.pop(item.name, None)
        for key in before.secrets if before is not None else ():
            held = self._volumes_of[key]
            held.discard(item.name)
            if not held:
                del self._volumes_of[key]
        if gone:
            return
        volume = item.object()
        claim: JSON = (volume.get("spec") or {}).get("claimRef") or {}
        if not claim.get("name"):
            return
        secrets = tuple((SECRETS, *place) for place in volume_secrets(volume))
        self._volumes[item.name] = _Volume((CLAIMS, claim.get("namespace") or "", claim["name"]), secrets)
        for key in secrets:
            self._volumes_of.setdefault(key, set()).add(item.name)


_NO_PODS: Final = dict[Place, _Pod]()
