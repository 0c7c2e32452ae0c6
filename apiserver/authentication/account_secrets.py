"""Fills Secrets that ask for a service account's token, ends those whose account is gone, and notes when one was used.

Looks when Secrets or accounts changed, and writes through the server's front door. It must never touch a Secret of
another type.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson

from podwright.api.resources import find
from podwright.apiserver.authentication.legacy_tokens import LegacyTokens, token_in
from podwright.apiserver.ensuring import Wanted
from podwright.apiserver.registry.core import Registry
from podwright.client.transport import Request, Response, Transport

JSON = dict[str, Any]
log = logging.getLogger(__name__)
_TYPE: Final = "kubernetes.io/service-account-token"
_NAME: Final = "kubernetes.io/service-account.name"
_UID: Final = "kubernetes.io/service-account.uid"
_LAST_USED: Final = "kubernetes.io/legacy-token-last-used"
_FILLER: Final = (("user-agent", "kube-controller-manager"),)  # who does this, as clients know it
_NOTER: Final = (("user-agent", "kube-apiserver"), ("content-type", "application/merge-patch+json"))


class AccountSecrets:
    """All Secrets of that type. `root_ca` gives the CA (PEM) that clients verify this server by, "" for none."""

    def __init__(
        self,
        registry: Registry,
        transport: Transport,
        tokens: LegacyTokens,
        root_ca: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        self._secrets = registry.endpoints["", "v1", "secrets"]
        self._accounts = registry.endpoints["", "v1", "serviceaccounts"]
        self._transport = transport
        self._tokens = tokens
        self._root_ca = root_ca
        self._now = now
        self._seen: tuple[int, ...] = ()

    async def look(self) -> None:
        """Bring all of them to what they should be, if anything changed."""
        secrets, accounts = self._secrets.cache, self._accounts.cache
        seen = (secrets.changed, accounts.changed, secrets.loads, accounts.loads)
        if seen != self._seen:
            kind = secrets.field_index["type"]
            for item in [item for item in secrets.iterate() if item.fields[kind] == _TYPE]:
                await self._settle(self._secrets.object(item))
            self._seen = seen
        while self._tokens.used:
            await self._note(*self._tokens.used.pop())

    async def _settle(self, secret: JSON) -> None:
        meta: JSON = secret["metadata"]
        annotations: JSON = meta.get("annotations") or {}
        if "deletionTimestamp" in meta or not annotations.get(_NAME):
            return
        path = f"/api/v1/namespaces/{meta['namespace']}/secrets/{meta['name']}"
        item = self._accounts.get(meta["namespace"], annotations[_NAME])
        account = None if item is None else self._accounts.object(item)["metadata"]
        if account is None or annotations.get(_UID, account["uid"]) != account["uid"]:
            only = {"preconditions": {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}}
            self._done(await self._transport.request(Request("DELETE", path, (), _FILLER, orjson.dumps(only))), path)
            return
        wanted = self._wanted(secret, account)
        if wanted != secret:
            self._done(await self._transport.request(Request("PUT", path, (), _FILLER, orjson.dumps(wanted))), path)

    def _wanted(self, secret: JSON, account: JSON) -> JSON:
        meta, data = secret["metadata"], dict(secret.get("data") or {})
        annotations = {**meta["annotations"], _UID: account["uid"]}
        if not token_in(secret):
            token = self._tokens.sign(meta["namespace"], meta["name"], account["name"], account["uid"])
            data["token"] = _encoded(token)
        data["namespace"] = _encoded(meta["namespace"])
        root = self._root_ca()
        if root:
            data["ca.crt"] = _encoded(root)
        return {**secret, "metadata": {**meta, "annotations": annotations}, "data": data}

    async def _note(self, namespace: str, name: str) -> None:
        """Write down on which day a token was used last."""
        item, day = self._secrets.get(namespace, name), self._now().strftime("%Y-%m-%d")
        if item is None or item.labels.get(_LAST_USED) == day:
            return
        path, body = f"/api/v1/namespaces/{namespace}/secrets/{name}", {"metadata": {"labels": {_LAST_USED: day}}}
        self._done(await self._transport.request(Request("PATCH", path, (), _NOTER, orjson.dumps(body))), path)

    def _done(self, answer: Response, path: str) -> None:
        """What was overtaken by somebody else's change is looked at again after that."""
        if answer.status >= 400 and answer.status not in {404, 409}:
            log.warning("Cannot keep %s: it is answered %d", path, answer.status)


def tracking(now: datetime) -> Wanted:
    """The object that says since when it is noted that such tokens are used."""
    name = {"name": "kube-apiserver-legacy-service-account-token-tracking", "namespace": "kube-system"}
    return Wanted(find("configmaps"), {"metadata": name, "data": {"since": now.strftime("%Y-%m-%d")}}, "kube-system")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
