"""Service-account tokens: JSON Web Tokens signed with the cluster's key, checked against live objects.

A token is good while its signature and times are, and while the service account (and the pod, secret or node it is
bound to) still exists with the same uid. Verified signatures are remembered, objects are looked up every time.
"""

from __future__ import annotations

import base64
import os
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from podwright.api.quoting import quote
from podwright.apiserver.authentication.authenticator import UNKNOWN, Reviewed
from podwright.apiserver.authentication.signing_keys import Keyring, b64
from podwright.apiserver.user import AUTHENTICATED, SERVICE_ACCOUNTS, User

JSON = dict[str, Any]
UidOf = Callable[[str, str, str], str | None]
"""(plural, namespace, name) -> uid of the object now, None when it is gone."""

_REMEMBERED = 4096
_SKEW = 60  # seconds that clocks may differ
_PRIVATE = "kubernetes.io"
_PREFIX = "system:serviceaccount:"
_BOUND = {"pod": "pods", "secret": "secrets", "node": "nodes"}


class ServiceAccountTokens:
    """Signs and verifies."""

    def __init__(self, keys: Keyring, issuer: str, uid_of: UidOf, now: Callable[[], datetime]) -> None:
        self.issuer = issuer
        self._uid_of = uid_of
        self._now = now
        self._verified: OrderedDict[str, JSON] = OrderedDict()
        self.use(keys)

    def use(self, keys: Keyring) -> None:
        """Sign and verify with these keys from now on."""
        self.keys = keys
        self._head = b64(orjson.dumps({"alg": "RS256", "kid": keys.key_id}))
        self._verified.clear()

    def sign(self, *, subject: str, audiences: Sequence[str], seconds: int, private: JSON, now: datetime) -> str:
        """Return a new token; `private` is what it says about namespace, account and bound object."""
        begin = int(now.timestamp())
        claims = {
            "aud": list(audiences),
            "exp": begin + seconds,
            "iat": begin,
            "iss": self.issuer,
            "jti": str(uuid.UUID(bytes=os.urandom(16), version=4)),
            _PRIVATE: private,
            "nbf": begin,
            "sub": subject,
        }
        signed = f"{self._head}.{b64(orjson.dumps(claims))}"
        signature = self.keys.signer.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{b64(signature)}"

    def user_of(self, token: str) -> User | None:
        """Return the user of a token meant for this server; None when it is not (or no longer) good."""
        claims = self.claims_of(token)
        if claims is None or self.issuer not in claims["aud"]:
            return None
        return self._user(claims)

    def review(self, token: str, audiences: Sequence[str]) -> Reviewed:
        """Judge a token that should be good for one of the audiences."""
        claims = self._signed(token)
        if claims is None:
            return Reviewed()
        good = tuple(audience for audience in claims["aud"] if audience in audiences)
        user = self._user(claims) if good else None
        now = self._now().timestamp()
        if not good:
            own, wanted = (" ".join(map(quote, names)) for names in (claims["aud"], audiences))
            why = f"token audiences [{own}] is invalid for the target audiences [{wanted}]"
        elif now >= claims["exp"]:
            why = "service account token has expired"
        elif claims["nbf"] > now + _SKEW:
            why = "service account token is not valid yet"
        elif user is None:
            why = "service account token has been invalidated"
        else:
            return Reviewed(user, good, "")
        return Reviewed(error=f"[{UNKNOWN}, {why}]")

    def claims_of(self, token: str) -> JSON | None:
        """Return the claims of a token with a good signature that is valid now."""
        claims = self._signed(token)
        if claims is None:
            return None
        now = self._now().timestamp()
        if not claims["nbf"] <= now + _SKEW or now >= claims["exp"]:
            self._verified.pop(token, None)
            return None
        return claims

    def _signed(self, token: str) -> JSON | None:
        """The claims of a token with a good signature, whatever they say of times."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._verify(token)
            if claims is None:
                return None
            self._verified[token] = claims
            if len(self._verified) > _REMEMBERED:
                self._verified.popitem(last=False)
        return claims

    def _verify(self, token: str) -> JSON | None:
        claims = read_signed(token, self.keys)
        if claims is None:
            return None
        try:
            well_formed = claims["iss"] == self.issuer and isinstance(claims["aud"], list)
            well_formed = well_formed and all(isinstance(claims[k], int | float) for k in ("nbf", "exp"))
            return claims if well_formed and isinstance(claims[_PRIVATE], dict) else None
        except KeyError:
            return None

    def _user(self, claims: JSON) -> User | None:
        private: JSON = claims[_PRIVATE]
        namespace, account = private.get("namespace", ""), private.get("serviceaccount") or {}
        if self._uid_of("serviceaccounts", namespace, account.get("name", "")) != account.get("uid"):
            return None
        extra: dict[str, tuple[str, ...]] = {"authentication.kubernetes.io/credential-id": (f"JTI={claims['jti']}",)}
        for key, plural in _BOUND.items():
            bound: JSON | None = private.get(key)
            if not bound:
                continue
            if key == "node" and "pod" in private:  # where the pod runs is said, not checked
                extra |= _named(key, bound)
                continue
            where = "" if key == "node" else namespace
            if self._uid_of(plural, where, bound.get("name", "")) != bound.get("uid"):
                return None
            if key != "secret":
                extra |= _named(key, bound)
        name = f"{_PREFIX}{namespace}:{account['name']}"
        groups = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}", AUTHENTICATED)
        return User(name, account["uid"], groups, extra)

    def public_keys(self) -> JSON:
        """The JSON Web Key Set of all keys."""
        return {"keys": self.keys.documents()}


def read_signed(token: str, keys: Keyring) -> JSON | None:
    """The claims of a token that one of the keys has signed, whatever they say."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        head, claims = orjson.loads(unb64(parts[0])), orjson.loads(unb64(parts[1]))
        key = keys.public.get(head["kid"]) if head.get("alg") == "RS256" else None
        if key is None:
            return None
        key.verify(unb64(parts[2]), f"{parts[0]}.{parts[1]}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError):
        return None
    return claims if isinstance(claims, dict) else None


def _named(key: str, bound: JSON) -> dict[str, tuple[str, ...]]:
    found = {f"authentication.kubernetes.io/{key}-name": (bound["name"],)}
    return found | {f"authentication.kubernetes.io/{key}-uid": (bound.get("uid", ""),)}


def unb64(text: str) -> bytes:
    """Read base64 as tokens have it. Raises binascii.Error."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
