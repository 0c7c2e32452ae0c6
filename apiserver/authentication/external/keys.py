"""The keys of one issuer: found through its discovery document, kept, and asked for again when a token names another.

Fetching is I/O on the loop, over verified TLS, within limits of time and size, and never more often than once a second:
a flood of forged tokens makes no flood of requests. It must never take a key that the issuer itself did not give.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import orjson

from podwright.apiserver.authentication.external.configuration import Issuer

if TYPE_CHECKING:
    import aiohttp
    from jwt import PyJWK

JSON = dict[str, Any]
log = logging.getLogger(__name__)
ALGORITHMS: Final = frozenset(f"{family}{size}" for family in ("RS", "ES", "PS") for size in (256, 384, 512))
_PATH: Final = "/.well-known/openid-configuration"
_LIMIT: Final = 1024 * 1024
_SECONDS: Final = 10.0
_PAUSE: Final = 1.0
"""Seconds between two questions to an issuer."""
_FRESH: Final = 900.0
"""Seconds after which keys are asked for again, so that those that were taken back end."""


class IssuerKeys:
    """Keys by id; those without one under ""."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float]) -> None:
        """`clock` counts seconds from any start."""
        self._issuer = issuer
        self._clock = clock
        self._keys: dict[str, list[PyJWK]] = {}
        self._asked = float("-inf")
        self._answered = float("-inf")
        self._lock = asyncio.Lock()

    def of(self, key_id: str) -> list[PyJWK]:
        """The keys that a token may be signed with."""
        return self._keys.get(key_id, []) if key_id else [key for keys in self._keys.values() for key in keys]

    def lacks(self, key_id: str) -> bool:
        """Tell whether the issuer has to be asked before a token can be judged."""
        return self._clock() - self._answered > _FRESH or not self.of(key_id)

    async def ask_for(self, key_id: str) -> None:
        """Ask the issuer, if that was not done just now; what cannot be had is logged."""
        async with self._lock:
            if not self.lacks(key_id) or self._clock() - self._asked < _PAUSE:
                return
            self._asked = self._clock()
            try:
                async with asyncio.timeout(_SECONDS):
                    self._keys = _by_id(await self._fetch())
            except Exception as error:  # noqa: BLE001 - whatever an issuer answers, its tokens are refused and no more
                log.warning("Cannot get the keys of issuer %s: %s", self._issuer.url, str(error) or "it takes too long")
                return
            self._answered = self._clock()

    async def _fetch(self) -> JSON:
        import aiohttp

        context = ssl.create_default_context(cadata=self._issuer.certificate_authority or None)
        connector = aiohttp.TCPConnector(ssl=context, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            where = self._issuer.discovery_url or self._issuer.url.rstrip("/") + _PATH
            document = await _document(session, where)
            if document.get("issuer") != self._issuer.url:
                msg = "its discovery document is another issuer's"
                raise ValueError(msg)
            keys = str(document.get("jwks_uri") or "")
            if not keys.startswith("https://"):
                msg = "its discovery document names no HTTPS address of keys"
                raise ValueError(msg)
            return await _document(session, keys)


async def _document(session: aiohttp.ClientSession, url: str) -> JSON:
    async with session.get(url, headers={"Accept": "application/json"}, allow_redirects=False) as answer:
        if answer.status != 200:
            msg = f"{url} answers {answer.status}"
            raise ValueError(msg)
        body = await answer.content.read(_LIMIT + 1)
        while len(body) <= _LIMIT and (more := await answer.content.read(_LIMIT)):
            body += more
    if len(body) > _LIMIT:
        msg = f"{url} answers more than {_LIMIT} bytes"
        raise ValueError(msg)
    document = orjson.loads(body)
    if not isinstance(document, dict):
        msg = f"{url} answers no JSON object"
        raise TypeError(msg)
    return document


def _by_id(document: JSON) -> dict[str, list[PyJWK]]:
    """The keys that can be used; others are passed over, as an issuer may have keys for something else."""
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    found: dict[str, list[PyJWK]] = {}
    for one in document.get("keys") or ():
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in {"RSA", "EC"}:
            continue
        try:
            key = PyJWK(one)
        except (PyJWTError, ValueError, TypeError):
            continue
        found.setdefault(str(one.get("kid") or ""), []).append(key)
    return found
