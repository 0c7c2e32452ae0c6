"""The ConfigMap `cluster-info` carries, for each token that may vouch for it, a signature of its kubeconfig.

Who knows a token can so tell the cluster's address and CA from forged ones. The signature is a JSON Web Signature with
its content left out; the key is the token's secret, which must never get there.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final

from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.bootstrap.tokens import Token
from podwright.controllers.meta import Whole
from podwright.controllers.resources import CONFIG_MAPS

NAMESPACE: Final = "kube-public"
NAME: Final = "cluster-info"
_CONTENT: Final = "kubeconfig"
_SIGNATURE: Final = "jws-kubeconfig-"


def sign(info: Whole | None, tokens: Iterable[Token], now: datetime) -> Plan:
    """Return what makes the signatures right, and when the next token ends."""
    if info is None or info.meta.deleted is not None:
        return NOTHING
    data: dict[str, str] = info.body.get("data") or {}
    content = data.get(_CONTENT, "")
    good = [token for token in tokens if token.signs and (token.ends is None or token.ends > now)]
    wanted = {_SIGNATURE + token.id: signature(content, token) for token in good} if content else {}
    have = {key: value for key, value in data.items() if key.startswith(_SIGNATURE)}
    ends = [(token.ends - now).total_seconds() for token in good if token.ends is not None]
    again = min(ends, default=None)
    if have == wanted:
        return Plan(again=again)
    change = {**{key: None for key in have if key not in wanted}, **wanted}
    patch = {"metadata": {"resourceVersion": info.meta.version, "uid": info.meta.uid}, "data": change}
    return Plan((Patch(CONFIG_MAPS, NAMESPACE, NAME, patch),), again)


def signature(content: str, token: Token) -> str:
    """The signature of a text by a token, without the text."""
    head = _b64(json.dumps({"alg": "HS256", "kid": token.id}, separators=(",", ":")).encode())
    signed = f"{head}.{_b64(content.encode())}".encode()
    return f"{head}..{_b64(hmac.digest(token.secret.encode(), signed, sha256))}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
