"""Tokens of other issuers, as a configuration says, and whether somebody may be nobody.

A token is judged without waiting once its issuer's keys are here; `pending` says when they are not. It must never log a
token or a claim.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from podwright.apiserver.authentication.external.configuration import Anonymous, AuthenticationConfiguration
from podwright.apiserver.authentication.external.keys import ALGORITHMS, IssuerKeys
from podwright.apiserver.authentication.external.mapping import Mapper, Refused
from podwright.apiserver.authentication.service_accounts import unb64
from podwright.apiserver.user import User

JSON = dict[str, Any]
log = logging.getLogger(__name__)
_REMEMBERED: Final = 1024
_SKEW: Final = 300  # seconds that another issuer's clock may be ahead
_LONGEST: Final = 64 * 1024


class _Trusted:
    """One issuer, its keys and rules."""

    def __init__(self, audiences: frozenset[str], keys: IssuerKeys, mapper: Mapper) -> None:
        self.audiences = audiences
        self.keys = keys
        self.mapper = mapper


class ExternalTokens:
    """What a configuration says of who asks. Replaced as a whole when the file changes."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issuers: dict[str, _Trusted] = {}
        self._anonymous: Anonymous | None = None
        self._paths: frozenset[str] = frozenset()
        self._known: OrderedDict[str, tuple[User, float]] = OrderedDict()

    def use(self, found: AuthenticationConfiguration, mappers: tuple[Mapper, ...]) -> None:
        """Judge by this configuration from now on."""
        self._issuers = {
            one.issuer.url: _Trusted(frozenset(one.issuer.audiences), IssuerKeys(one.issuer, time.monotonic), mapper)
            for one, mapper in zip(found.jwt, mappers, strict=True)
        }
        self._anonymous = found.anonymous
        self._paths = (
            frozenset(condition.path for condition in found.anonymous.conditions) if found.anonymous else frozenset()
        )
        self._known.clear()

    def takes_nobody(self, path: str) -> bool:
        """Tell whether a request without a credential is taken."""
        if self._anonymous is None:
            return True
        return self._anonymous.enabled and (not self._paths or path in self._paths)

    def pending(self, token: str) -> Awaitable[None] | None:
        """What to await before a token is judged; None when nothing is lacking, or it is no issuer's."""
        if not self._issuers or token in self._known:
            return None
        read = _read(token)
        trusted = None if read is None else self._issuers.get(str(read[1].get("iss")))
        if read is None or trusted is None:
            return None
        key_id = str(read[0].get("kid") or "")
        return trusted.keys.ask_for(key_id) if trusted.keys.lacks(key_id) else None

    def user_of(self, token: str) -> User | None:
        """Return the user; None when the token is not (or no longer) good."""
        if not self._issuers:
            return None
        now = self._now().timestamp()
        known = self._known.get(token)
        if known is None:
            known = self._judge(token, now)
            if known is None:
                return None
            self._known[token] = known
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        if now >= known[1]:
            del self._known[token]
            return None
        return known[0]

    def _judge(self, token: str, now: float) -> tuple[User, float] | None:
        read = _read(token)
        trusted = None if read is None else self._issuers.get(str(read[1].get("iss")))
        if read is None or trusted is None:
            return None
        head, claims = read
        try:
            if not _signed(token, head, trusted.keys):
                return None
            return trusted.mapper.user(claims), _valid_until(claims, trusted.audiences, now)
        except Refused as error:
            log.info("A token of issuer %s is refused: %s", claims["iss"], error)
            return None


def _read(token: str) -> tuple[JSON, JSON] | None:
    """Head and claims of what looks like a token, nothing of it verified."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _LONGEST:
        return None
    try:
        head, claims = orjson.loads(unb64(parts[0])), orjson.loads(unb64(parts[1]))
    except ValueError:
        return None
    return (head, claims) if isinstance(head, dict) and isinstance(claims, dict) else None


def _signed(token: str, head: Mapping[str, Any], keys: IssuerKeys) -> bool:
    from jwt import PyJWS
    from jwt.exceptions import PyJWTError

    algorithm = head.get("alg")
    if algorithm not in ALGORITHMS:
        return False
    for key in keys.of(str(head.get("kid") or "")):
        if not _fits(key.key_type, algorithm):
            continue
        try:
            PyJWS().decode_complete(token, key.key, algorithms=[algorithm])
        except (PyJWTError, ValueError, TypeError):
            continue
        return True
    return False


def _fits(key_type: str | None, algorithm: str) -> bool:
    return (key_type == "EC") is algorithm.startswith("ES")


def _valid_until(claims: Mapping[str, Any], audiences: frozenset[str], now: float) -> float:
    """When a token ends. Raises Refused when it is not good now, or for others."""
    expires, begins, meant = claims.get("exp"), claims.get("nbf", 0), claims.get("aud")
    meant = [meant] if isinstance(meant, str) else meant
    if not isinstance(meant, list) or audiences.isdisjoint(one for one in meant if isinstance(one, str)):
        msg = "it is for another audience"
        raise Refused(msg)
    if not isinstance(expires, int | float) or not isinstance(begins, int | float):
        msg = "it does not say until when it is good"
        raise Refused(msg)
    if now >= expires or begins > now + _SKEW:
        msg = "it is not good at this time"
        raise Refused(msg)
    return float(expires)
