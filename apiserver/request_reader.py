"""From bytes to requests: the parser's callbacks put together, within limits.

What a client may send is bounded here: the size of a head, of a body, compressed or not. It must never answer; what is
wrong with a request travels in it as its refusal. httptools (the parser of Node.js) decides what is HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser

from podwright.api.errors import ApiError, bad_request, method_not_allowed, too_large
from podwright.apiserver.http_message import Incoming

HEAD_LIMIT = 256 * 1024
"""Bytes of a request line and headers: long selectors and tokens."""
_FRAMING = 2  # how much longer than its body a request in chunks may be
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ /\S* HTTP/1\.[01]\r?\n")
_URL_SCHEMES = (b"http://", b"https://")


class RequestReader:
    """Feed it what arrives; `done` is called with each request, `expects` when a client waits to be told to go on.

    After a request with a refusal nothing more is read: the connection is to be closed.
    """

    def __init__(self, body_limit: int, done: Callable[[Incoming], None], expects: Callable[[], None]) -> None:
        self.reading = False
        """Whether a request has begun and not ended."""
        self.stopped = False
        """Whether nothing more is read: after a refusal, an upgrade or a request that said it is the last."""
        self.rest = b""
        """What came behind an upgrade request."""
        self._limit = body_limit
        self._done = done
        self._expects = expects
        self._parser = HttpRequestParser(self)
        self._received = 0
        self._fresh = False  # the request began in what is being fed
        self._in_head = True
        self._url = b""
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self.stopped:
            return
        self._fresh = False
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as stop:
            # We stay with HTTP unless the request was for a stream; what follows is then not ours to read.
            self.rest = data[stop.args[0] :]
            self.stopped = True
        except HttpParserInvalidMethodError as error:
            # A method that nobody has, but HTTP all the same: looked for only where its line came in one piece.
            unknown = _REQUEST_LINE.match(data) is not None
            self._refuse(method_not_allowed() if unknown else bad_request(f"cannot read the request: {error}"))
        except HttpParserError as error:
            self._refuse(bad_request(f"cannot read the request: {error}"))
        if self.reading and not self._fresh:
            self._received += len(data)
            if self._in_head and self._received > HEAD_LIMIT:
                self._refuse(ApiError(431, "RequestHeaderFieldsTooLarge", f"headers: limit is {HEAD_LIMIT} bytes"))
            elif self._received > HEAD_LIMIT + _FRAMING * self._limit:
                self._refuse(too_large(f"limit is {self._limit}"))

    def resume(self) -> None:
        """Go on after an upgrade that was not taken: the client may only have offered it."""
        rest, self.rest = self.rest, b""
        self._parser = HttpRequestParser(self)
        self.stopped = False
        if rest:
            self.feed(rest)

    def _refuse(self, error: ApiError) -> None:
        if not self.stopped:
            self.stopped = True
            self._done(Incoming("", b"/", self._headers, modern=True, keep=False, refusal=error))

    # -- what the parser calls

    def on_message_begin(self) -> None:
        """A request begins."""
        self.reading = self._in_head = self._fresh = True
        self._received = self._size = 0
        self._url = b""
        self._headers = []
        self._body = []

    def on_url(self, url: bytes) -> None:
        """A piece of the URL."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; those behind a body are nobody's."""
        if not self._in_head:
            return
        self._headers.append((name.decode("ascii", "replace").lower(), value.decode("utf-8", "surrogateescape")))

    def on_headers_complete(self) -> None:
        """The body begins, if there is one."""
        self._in_head = False
        expected = False
        for name, value in self._headers:
            if name == "content-length" and int(value) > self._limit:
                self._refuse(too_large(f"limit is {self._limit}"))
            elif name == "expect" and value.lower() == "100-continue":
                expected = True
        if expected and not self.stopped:
            self._expects()

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._size += len(data)
        if self._size > self._limit:
            self._refuse(too_large(f"limit is {self._limit}"))
        if not self.stopped:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """A request ends."""
        self.reading = False
        if self.stopped:
            return
        parser, body = self._parser, self._body
        version = parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            self._refuse(bad_request(f"cannot read the request: HTTP/{version} is not served"))
            return
        incoming = Incoming(
            parser.get_method().decode(),
            self._url,
            self._headers,
            modern=version == "1.1",
            keep=parser.should_keep_alive(),
            body=body[0] if len(body) == 1 else b"".join(body),
            upgrade=parser.should_upgrade(),
        )
        if incoming.url[:1] != b"/":
            _make_relative(incoming)
        if incoming.body:
            self._unpack(incoming)
        if incoming.refusal is not None or not incoming.keep:
            self.stopped = True
        self._done(incoming)

    def _unpack(self, incoming: Incoming) -> None:
        encoding = incoming.header("content-encoding").lower()
        if encoding in {"", "identity"}:
            return
        try:
            incoming.body = _unpacked(incoming.body, encoding, self._limit)
        except ApiError as error:
            incoming.refusal, incoming.keep = error, False


def _make_relative(incoming: Incoming) -> None:
    """A URL with scheme and host is as good as its path; anything else is not."""
    url = incoming.url
    if url.lower().startswith(_URL_SCHEMES):
        _, _, rest = url.partition(b"://")
        incoming.url = b"/" + rest.partition(b"/")[2]
    else:
        incoming.refusal, incoming.keep = bad_request("cannot read the request: the path must begin with /"), False


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    import zlib

    if encoding not in {"gzip", "deflate"}:
        raise bad_request(f"cannot read the body: its encoding {encoding} is not served")
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        found = inflate.decompress(body, limit + 1)
    except zlib.error as error:
        raise bad_request(f"cannot read the body: {error}") from error
    if len(found) > limit:
        raise too_large(f"limit is {limit}")
    if not inflate.eof:
        raise bad_request("cannot read the body: it is cut off")
    return found
