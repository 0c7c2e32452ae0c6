"""HTTP probes and hooks: one GET over a fresh connection, no certificate checks, same-host redirects followed.

A small client of its own: a probe needs a status and the first bytes of a body, and an HTTP library would cost the
agent more memory than the rest of it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

_MAX_BODY = 10 * 1024
_MAX_HEAD = 64 * 1024
_MAX_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
USER_AGENT = "kube-probe/1.36"  # servers recognise probes by the part before the slash


class HttpError(OSError):
    """No usable answer came; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to ask for. `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def authority(self) -> str:
        """`host:port`, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """For messages."""
        return f"{self.scheme}://{self.authority}{self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the beginning of the body. `stopped`: a redirect to another host was not followed."""

    status: int
    body: bytes
    stopped: bool = False


def target_of(get: Mapping[str, Any], ip: str, port: int) -> Target:
    """Read an httpGet action."""
    path = get.get("path") or "/"
    headers = tuple((h["name"], h.get("value", "")) for h in get.get("httpHeaders") or ())
    scheme = (get.get("scheme") or "HTTP").lower()
    return Target(scheme, get.get("host") or ip, port, path if path.startswith("/") else f"/{path}", headers)


async def http_get(target: Target, seconds: float) -> Answer:
    """Ask, following redirects on the same host. Raises HttpError, TimeoutError."""
    url = target.url
    try:
        async with asyncio.timeout(seconds):
            for _ in range(_MAX_REDIRECTS):
                answer, location = await _one(target)
                if answer.status not in _REDIRECTS or not location:
                    return answer
                moved = urlsplit(urljoin(target.url, location))
                if moved.hostname != target.host:
                    return replace(answer, stopped=True)
                port = moved.port or (443 if moved.scheme == "https" else 80)
                path = (moved.path or "/") + (f"?{moved.query}" if moved.query else "")
                target = replace(target, scheme=moved.scheme, port=port, path=path)
    except TimeoutError:
        late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        msg = f'Get "{url}": {late}'
        raise TimeoutError(msg) from None
    msg = f'Get "{url}": stopped after {_MAX_REDIRECTS} redirects'
    raise HttpError(msg)


async def _one(target: Target) -> tuple[Answer, str]:
    try:
        reader, writer = await asyncio.open_connection(
            target.host, target.port, ssl=_no_checks() if target.scheme == "https" else None, limit=_MAX_HEAD
        )
    except ssl.SSLError as e:
        plain = "WRONG_VERSION" in str(e) or "UNKNOWN_PROTOCOL" in str(e)
        reason = "http: server gave HTTP response to HTTPS client" if plain else f"tls: {e.reason or e}"
        msg = f'Get "{target.url}": {reason}'
        raise HttpError(msg) from e
    except OSError as e:
        msg = f'Get "{target.url}": {dial_error(target.authority, e)}'
        raise HttpError(msg) from e
    try:
        writer.write(_request(target))
        return await _answer(reader)
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as e:
        msg = f'Get "{target.url}": {"EOF" if isinstance(e, asyncio.IncompleteReadError) else e}'
        raise HttpError(msg) from e
    finally:
        writer.close()


def dial_error(authority: str, error: OSError) -> str:
    """Word a failed connection as users know it."""
    text = (error.strerror or str(error)).lower()
    if isinstance(error, ConnectionRefusedError) or "refused" in text:
        return f"dial tcp {authority}: connect: connection refused"
    return f"dial tcp {authority}: connect: {text}"


def _request(target: Target) -> bytes:
    headers = {
        "host": ("Host", target.authority),
        "user-agent": ("User-Agent", USER_AGENT),
        "accept": ("Accept", "*/*"),
    }
    for name, value in target.headers:
        if value or name.lower() not in ("user-agent", "accept"):
            headers[name.lower()] = (name, value)
        else:
            headers.pop(name.lower(), None)
    headers["connection"] = ("Connection", "close")
    lines = [f"GET {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.values())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def _answer(reader: asyncio.StreamReader) -> tuple[Answer, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.split("\r\n")
    parts = first.split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/") or not parts[1].isdigit():
        msg = f"malformed HTTP response {first!r}"
        raise ValueError(msg)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    length = headers.get("content-length", "")
    wanted = min(int(length), _MAX_BODY) if length.isdigit() else _MAX_BODY
    body = await reader.read(wanted) if wanted else b""
    return Answer(int(parts[1]), body), headers.get("location", "")


@lru_cache(maxsize=1)
def _no_checks() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
