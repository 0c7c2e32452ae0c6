"""Image references: parsing and the short-name rules that users know. Pure.

    [registry[:port]/]repository[:tag][@sha256:digest]

A first part without a dot, a colon, a capital or "localhost" is no registry: the name then lives at docker.io, under
library/ when it has one part only. Without tag and digest the tag is `latest`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_REGISTRY = "docker.io"

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = re.compile(
    r"(?:localhost|\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]+)?\Z"
)
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


class InvalidReference(ValueError):
    """The text names no image."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference; `tag` is "" when only a digest was given."""

    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        """Registry and repository: "docker.io/library/busybox"."""
        return f"{self.registry}/{self.repository}"

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """Parse and normalize. Raises InvalidReference that says what is wrong with which part."""
    if not text:
        raise InvalidReference("invalid reference format: the name is empty")
    rest, _, digest = text.partition("@")
    if "@" in text and not _DIGEST.match(digest):
        msg = f"invalid reference format: {digest!r} is not sha256: and 64 hexadecimal digits"
        raise InvalidReference(msg)
    head, slash, tail = rest.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost" or head != head.lower()):
        registry, remote = head, tail
    else:
        registry, remote = DEFAULT_REGISTRY, rest
    path, colon, tag = remote.partition(":")
    if path != path.lower():
        msg = f"invalid reference format: repository name ({path}) must be lowercase"
        raise InvalidReference(msg)
    if colon and not _TAG.match(tag):
        msg = f"invalid reference format: {tag!r} is not a tag"
        raise InvalidReference(msg)
    if not _DOMAIN.match(registry):
        msg = f"invalid reference format: {registry!r} is not a registry host"
        raise InvalidReference(msg)
    if not _PATH.match(path):
        msg = f"invalid reference format: {path!r} is not a repository"
        raise InvalidReference(msg)
    if registry == "index.docker.io":
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in path:
        path = f"library/{path}"
    return Reference(registry, path, tag or ("" if digest else "latest"), digest)
