"""HTTP/1.1 as text: a parsed request, the heads of answers, chunks. Pure: bytes and values, no sockets.

It must never look into a body, and nothing a client sent may end up in a head without its line breaks taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote

from podwright.api.errors import ApiError
from podwright.client.transport import Content, Request

CHUNKED = b"transfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
AUDIT_ID = "audit-id"
"""The header that names a request in the audit log."""
_PASSED = frozenset(("accept", "content-type", "if-none-match", "user-agent"))
_STATUS_LINES = {s.value: b"HTTP/1.1 %d %b\r\n" % (s.value, s.phrase.encode()) for s in HTTPStatus}
_BODILESS = frozenset((204, 304))


@dataclass(slots=True)
class Incoming:
    """A request as it was read. Header names are lower-case; `refusal` is why it was not read to its end."""

    method: str
    url: bytes
    headers: list[tuple[str, str]]
    modern: bool
    """HTTP/1.1: knows chunked answers."""
    keep: bool
    """The client wants to send more on this connection."""
    body: bytes = b""
    refusal: ApiError | None = None
    upgrade: bool = False

    def header(self, name: str) -> str:
        """The first header of a name, "" without one."""
        for key, value in self.headers:
            if key == name:
                return value
        return ""

    def message(self) -> Request:
        """What the server is asked. The URL must begin with a slash."""
        path, _, query = self.url.decode("utf-8", "replace").partition("?")
        return Request(
            self.method,
            unquote(path) if "%" in path else path,
            tuple(parse_qsl(query, keep_blank_values=True)) if query else (),
            tuple([pair for pair in self.headers if pair[0] in _PASSED]),
            self.body,
        )

    def text(self) -> bytes:
        """The request written out again."""
        lines = [b"%b %b HTTP/1.%d\r\n" % (self.method.encode(), self.url, self.modern)]
        lines += [f"{name}: {value}\r\n".encode("utf-8", "surrogateescape") for name, value in self.headers]
        return b"".join(lines) + b"\r\n" + self.body


def sources_of(headers: Iterable[tuple[str, str]], peer: str) -> tuple[str, ...]:
    """Where a request comes from: as proxies on its way say, and the address that is connected."""
    found: dict[str, None] = {}
    for wanted in ("x-forwarded-for", "x-real-ip"):
        for name, value in headers:
            if name == wanted:
                found |= dict.fromkeys(filter(_is_address, map(str.strip, value.split(","))))
    if peer:
        found[peer] = None
    return tuple(found)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def head(
    status: int, headers: Mapping[str, str], warnings: tuple[str, ...] = (), more: bytes = b"", *, keep: bool
) -> bytes:
    """The status line and headers of an answer, without the blank line; `more` are whole header lines."""
    if not warnings and len(headers) == 1 and "content-type" in headers:
        return _usual_head(status, headers["content-type"], more, keep)
    return _head(status, headers, warnings, more, keep=keep)


@lru_cache(maxsize=256)
def _usual_head(status: int, content_type: str, more: bytes, keep: bool) -> bytes:
    return _head(status, {"content-type": content_type}, (), more, keep=keep)


def _head(status: int, headers: Mapping[str, str], warnings: tuple[str, ...], more: bytes, *, keep: bool) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    if "cache-control" not in headers:
        lines.append("cache-control: no-cache, private\r\n")
    if not keep:
        lines.append("connection: close\r\n")
    lines += [f'warning: 299 - "{_quoted(warning)}"\r\n' for warning in warnings]
    start = _STATUS_LINES.get(status, b"HTTP/1.1 %d Unknown\r\n" % status)
    return start + "".join(lines).encode("utf-8", "replace") + more


def _quoted(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\\", "\\\\").replace('"', '\\"')


def length_line(status: int, content: Content) -> bytes:
    """The Content-Length header of an answer that is complete, with the blank line."""
    return b"\r\n" if status in _BODILESS else b"content-length: %d\r\n\r\n" % len(content)


def has_body(method: str, status: int) -> bool:
    """Tell whether the body of an answer is sent."""
    return method != "HEAD" and status not in _BODILESS


def chunk(data: bytes | memoryview) -> bytes:
    """A piece of a chunked answer; `data` must not be empty."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A chunked answer; a piece that is empty stays so."""
    for piece in pieces:
        yield chunk(piece) if piece else b""
    yield LAST_CHUNK
