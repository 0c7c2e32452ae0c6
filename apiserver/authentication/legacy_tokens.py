"""Tokens that stand in Secrets of type kubernetes.io/service-account-token: good while the Secret has them.

It must never make one for anything but such a Secret, and a token that is taken out of its Secret is good no more.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from podwright.apiserver.authentication.authenticator import Reviewed
from podwright.apiserver.authentication.service_accounts import ServiceAccountTokens, UidOf, read_signed
from podwright.apiserver.authentication.signing_keys import b64
from podwright.apiserver.user import AUTHENTICATED, SERVICE_ACCOUNTS, User

JSON = dict[str, Any]
SecretOf = Callable[[str, str], JSON | None]
"""(namespace, name) -> the Secret now."""
ISSUER: Final = "kubernetes/serviceaccount"
INVALID_SINCE: Final = "kubernetes.io/legacy-token-invalid-since"
"""The label that ends a token before its Secret goes."""
_CLAIM: Final = "kubernetes.io/serviceaccount/"
_PREFIX: Final = "system:serviceaccount:"


class LegacyTokens:
    """Signs and verifies with the keys of the other tokens."""

    def __init__(self, tokens: ServiceAccountTokens, uid_of: UidOf, secret_of: SecretOf) -> None:
        self._tokens = tokens
        self._uid_of = uid_of
        self._secret_of = secret_of
        self.used: set[tuple[str, str]] = set()
        """Secrets whose tokens were used, for who notes that: (namespace, name)."""

    @property
    def issuer(self) -> str:
        """The audience that means this server."""
        return self._tokens.issuer

    def sign(self, namespace: str, secret: str, account: str, uid: str) -> str:
        """The token of a Secret."""
        claims = {
            "iss": ISSUER,
            f"{_CLAIM}namespace": namespace,
            f"{_CLAIM}secret.name": secret,
            f"{_CLAIM}service-account.name": account,
            f"{_CLAIM}service-account.uid": uid,
            "sub": f"{_PREFIX}{namespace}:{account}",
        }
        keys = self._tokens.keys
        head = b64(orjson.dumps({"alg": "RS256", "kid": keys.key_id}))
        signed = f"{head}.{b64(orjson.dumps(claims))}"
        return f"{signed}.{b64(keys.signer.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def user_of(self, token: str) -> User | None:
        """Return the user; None when the token is not (or no longer) good."""
        claims = read_signed(token, self._tokens.keys)
        if claims is None or claims.get("iss") != ISSUER:
            return None
        namespace, secret_name, account, uid = (
            str(claims.get(f"{_CLAIM}{name}") or "")
            for name in ("namespace", "secret.name", "service-account.name", "service-account.uid")
        )
        secret = self._secret_of(namespace, secret_name)
        if not uid or secret is None or self._uid_of("serviceaccounts", namespace, account) != uid:
            return None
        meta = secret["metadata"]
        if INVALID_SINCE in (meta.get("labels") or {}) or "deletionTimestamp" in meta or token != token_in(secret):
            return None
        self.used.add((namespace, secret_name))
        groups = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}", AUTHENTICATED)
        return User(f"{_PREFIX}{namespace}:{account}", uid, groups)

    def review(self, token: str, audiences: Sequence[str]) -> Reviewed:
        """Judge a token: such ones are good for this server alone."""
        user = self.user_of(token) if self.issuer in audiences else None
        return Reviewed() if user is None else Reviewed(user, (self.issuer,), "")


def token_in(secret: JSON) -> str:
    """The token that a Secret holds, "" without one."""
    try:
        return base64.b64decode((secret.get("data") or {}).get("token") or "", validate=True).decode("ascii", "replace")
    except binascii.Error:
        return ""
