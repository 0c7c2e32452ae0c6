"""Absolute URLs in expressions: url('https://host:80/path?a=b').getHost()."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, quote, unquote

from podwright.api.cel.costs import traversal
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.types import URL
from podwright.api.cel.values import Opaque, SizedContent

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+\-.]*):")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.%A-Za-z0-9]*\]|[^\[\]:\s\"<>\\^`{|}/?#]*)(?::(\d*))?")
_SAFE: Final = "!$&'()*+,;=:@/-._~%"


@dataclass(frozen=True, slots=True)
class Url(SizedContent):
    """The parts of one URL; `path` is as it was written."""

    text: str
    scheme: str
    host: str
    path: str
    query: str

    @property
    def size(self) -> int:
        """The length of the text."""
        return len(self.text)


def parse_url(text: str) -> Url | str:
    """Return the parts of an absolute URL or path, or why it is none."""
    if not text:
        return 'parse "": empty url'
    if _CONTROL.search(text):
        return f'parse "{text}": net/url: invalid control character in URL'
    scheme, rest = "", text
    found = _SCHEME.match(text)
    if found is not None:
        scheme, rest = found.group(1).lower(), text[found.end() :]
    if not rest.startswith("/") and not (scheme and rest):
        return f'parse "{text}": invalid URI for request'
    rest = rest.partition("#")[0]
    rest, _, query = rest.partition("?")
    host = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        host, slash, path = rest[2:].partition("/")
        rest = slash + path
        host = host.rpartition("@")[2]
        if _HOST.fullmatch(host) is None:
            return f'parse "{text}": invalid character in host name'
    if scheme and not host and not rest.startswith("/"):
        return Url(text, scheme, "", "", query)
    if _BAD_ESCAPE.search(rest):
        return f'parse "{text}": invalid URL escape'
    return Url(text, scheme, host, rest, query)


def _url(text: str) -> Opaque:
    found = parse_url(text)
    if isinstance(found, str):
        msg = f"URL parse error during conversion from string: {found}"
        raise EvaluationError(msg)
    return Opaque(URL, found)


def _is_url(text: str) -> bool:
    return not isinstance(parse_url(text), str)


def _hostname(value: Opaque) -> str:
    host: str = value.content.host
    if host.startswith("["):
        return unquote(host[1 : host.index("]")])
    return host.partition(":")[0]


def _port(value: Opaque) -> str:
    host: str = value.content.host
    return host.rpartition("]")[2].partition(":")[2]


def _query(value: Opaque) -> dict[str, list[str]]:
    return parse_qs(value.content.query, keep_blank_values=True)


URLS: Final[tuple[Overload, ...]] = (
    declare("url", "(string) URL", _url, traversal(0, keeps_size=True)),
    declare("isURL", "(string) bool", _is_url),
    declare("getScheme", "URL.() string", lambda value: value.content.scheme),
    declare("getHost", "URL.() string", lambda value: value.content.host),
    declare("getHostname", "URL.() string", _hostname),
    declare("getPort", "URL.() string", _port),
    declare("getEscapedPath", "URL.() string", lambda value: quote(value.content.path, safe=_SAFE)),
    declare("getQuery", "URL.() map(string, list(string))", _query),
)
