"""Writes what one node says of its pods: statuses through pods/status, the final deletion, tokens.

A node may touch only pods that are bound to it, named by uid: anything else is dropped and logged, never an error to
the node (it would only repeat it).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.apiserver.gateway.copies import POD, Copies
from podwright.apiserver.gateway.merging import merge_pod_status
from podwright.client.client import Client

log = logging.getLogger(__name__)
JSON = dict[str, Any]
ACCOUNT = find("serviceaccounts")
_ATTEMPTS = 5


class NotYoursError(Exception):
    """A node asked for what belongs to a pod that it does not run."""


class PodWriter:
    """Acts as one node."""

    def __init__(self, client: Client, copies: Copies, node: str) -> None:
        self._client = client
        self._copies = copies
        self._node = node
        self._newest: dict[str, JSON] = {}  # uid -> what the last write returned, until the copy has caught up

    async def status(self, namespace: str, name: str, uid: str, status: JSON) -> None:
        """Write a pod's status. Raises ApiError, TransportError for what a retry may mend."""
        pod = await self._read(namespace, name, uid)
        for _ in range(_ATTEMPTS):
            if pod is None:
                return
            merged = merge_pod_status(pod.get("status") or {}, status)
            if merged == pod.get("status"):
                return
            try:
                written = await self._client.update(
                    POD, {**pod, "status": merged}, namespace=namespace, subresource="status"
                )
            except ApiError as e:
                if e.code == 404:
                    self._newest.pop(uid, None)
                    return
                if e.code != 409:
                    raise
                pod = self._own(await self._fetch(namespace, name), uid)
                continue
            written["metadata"].pop("managedFields", None)
            self._newest[uid] = written
            return
        raise ApiError(409, "Conflict", f"pod {namespace}/{name} changes too fast")

    async def gone(self, namespace: str, name: str, uid: str) -> None:
        """Remove a pod's object: nothing of it is left on the node. Raises ApiError, TransportError."""
        pod = await self._read(namespace, name, uid)
        self._newest.pop(uid, None)
        if pod is None:
            return
        if not pod["metadata"].get("deletionTimestamp"):
            log.warning("Cannot remove pod %s/%s for node %s: nobody deleted it", namespace, name, self._node)
            return
        try:
            await self._client.delete(POD, name, namespace=namespace, grace_period=0, uid=uid)
        except ApiError as e:
            if e.code not in (404, 409):
                raise

    async def token(
        self, namespace: str, account: str, pod_name: str, pod_uid: str, audiences: Sequence[str], seconds: int
    ) -> tuple[str, str]:
        """Issue a token bound to a pod; returns it and its expiry. Raises ApiError, TransportError, NotYoursError."""
        entry = self._copies.pods.get(f"{namespace}/{pod_name}")
        if entry is None or (entry.uid, entry.node, entry.account) != (pod_uid, self._node, account):
            msg = f"pod {namespace}/{pod_name} ({pod_uid}) with service account {account} does not run on {self._node}"
            raise NotYoursError(msg)
        bound = {"kind": "Pod", "apiVersion": "v1", "name": pod_name, "uid": pod_uid}
        spec: JSON = {"audiences": list(audiences), "boundObjectRef": bound, "expirationSeconds": seconds or 3600}
        request = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": spec}
        answer = await self._client.create(ACCOUNT, request, namespace=namespace, name=account, subresource="token")
        return answer["status"]["token"], answer["status"]["expirationTimestamp"]

    async def _read(self, namespace: str, name: str, uid: str) -> JSON | None:
        """The newest version known of one of this node's pods."""
        entry = self._copies.pods.get(f"{namespace}/{name}")
        newest = self._newest.get(uid)
        if entry is None or entry.uid != uid:
            self._newest.pop(uid, None)
            return None
        if entry.node != self._node:
            log.warning("Cannot write pod %s/%s: it does not run on node %s", namespace, name, self._node)
            return None
        if newest is not None and _older(entry.version, newest["metadata"]["resourceVersion"]):
            return newest
        self._newest.pop(uid, None)
        return orjson.loads(entry.raw)

    async def _fetch(self, namespace: str, name: str) -> JSON | None:
        try:
            return await self._client.get(POD, name, namespace=namespace)
        except ApiError as e:
            if e.code == 404:
                return None
            raise

    def _own(self, pod: JSON | None, uid: str) -> JSON | None:
        if pod is None or pod["metadata"]["uid"] != uid or pod["spec"].get("nodeName") != self._node:
            return None
        return pod


def _older(version: str, than: str) -> bool:
    return (len(version), version) < (len(than), than)
