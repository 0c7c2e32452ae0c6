"""Which objects lead to a node: its pods, what these name, and the volumes behind their claims.

    node <- pod <- secret, configmap, service account, resource claim, claim <- volume <- secret
    node <- volume attachment, resource slice

An index over the caches of pods, volumes, attachments and slices that is brought up to date when somebody asks: a
cluster in which no node asks pays nothing. It must never let a mirror pod, which a node itself makes, lead anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from podwright.api.resources import find
from podwright.apiserver.admission.service_account import MIRROR
from podwright.apiserver.authorization.following import Followed
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


@dataclass(frozen=True, slots=True)
class _Leads:
    """The node that an object leads to, and everything that leads there with it."""

    node: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class _Volume:
    claim: Key
    secrets: tuple[Key, ...]


class References:
    """See the module."""

    def __init__(self, endpoints: Mapping[tuple[str, str, str], Endpoint]) -> None:
        self._leads: dict[Key, _Leads] = {}
        self._nodes: dict[Key, Counter[str]] = {}
        self._volumes: dict[str, _Volume] = {}
        self._volumes_of: dict[Key, set[str]] = {}
        self._followed = tuple(
            Followed(endpoints[row.group, row.version, row.plural].cache, take)
            for row, take in (
                (find(PODS), self._take_pod),
                (find(VOLUMES), self._take_volume),
                (find(ATTACHMENTS, "storage.k8s.io"), self._take_attachment),
                (find(SLICES, "resource.k8s.io"), self._take_slice),
            )
        )

    def lead(self, node: str, plural: str, namespace: str, name: str) -> bool:
        """Tell whether an object leads to a node."""
        for followed in self._followed:
            followed.catch_up()
        key = (plural, namespace, name)
        if self._directly(key, node):
            return True
        if plural == VOLUMES:
            return self._volume(name, node)
        return plural == SECRETS and any(self._volume(volume, node) for volume in self._volumes_of.get(key, ()))

    def _directly(self, key: Key, node: str) -> bool:
        return node in self._nodes.get(key, ())

    def _volume(self, name: str, node: str) -> bool:
        volume = self._volumes.get(name)
        return volume is not None and self._directly(volume.claim, node)

    def _take_pod(self, item: Item, *, gone: bool) -> None:
        key = (PODS, item.namespace, item.name)
        if gone:
            self._forget(key)
            return
        pod = item.object()
        mirror = MIRROR in (pod["metadata"].get("annotations") or {})
        named = () if mirror else sorted((plural, item.namespace, name) for plural, name in references(pod))
        self._note(key, (pod.get("spec") or {}).get("nodeName") or "", named)

    def _take_attachment(self, item: Item, *, gone: bool) -> None:
        self._take_single(ATTACHMENTS, item, gone=gone)

    def _take_slice(self, item: Item, *, gone: bool) -> None:
        self._take_single(SLICES, item, gone=gone)

    def _take_single(self, plural: str, item: Item, *, gone: bool) -> None:
        key = (plural, "", item.name)
        if gone:
            self._forget(key)
        else:
            self._note(key, (item.object().get("spec") or {}).get("nodeName") or "", ())

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

    def _note(self, key: Key, node: str, named: Iterable[Key]) -> None:
        leads = _Leads(node, (key, *named)) if node else None
        if self._leads.get(key) == leads:
            return  # a change of what it says, not of what it names
        self._forget(key)
        if leads is None:
            return
        self._leads[key] = leads
        for each in leads.keys:
            self._nodes.setdefault(each, Counter())[node] += 1

    def _forget(self, key: Key) -> None:
        leads = self._leads.pop(key, None)
        if leads is None:
            return
        for each in leads.keys:
            nodes = self._nodes[each]
            nodes[leads.node] -= 1
            if not nodes[leads.node]:
                del nodes[leads.node]
            if not nodes:
                del self._nodes[each]
