"""Content negotiation: which of our representations an Accept header asks for, and what a body's type is.

Pure and cached: clients send the same few headers for ever. It must never look at objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from podwright.api.errors import not_acceptable

Shape = Literal["object", "table", "partial", "partial-list"]
_AS: dict[str, Shape] = {
    "Table": "table",
    "PartialObjectMetadata": "partial",
    "PartialObjectMetadataList": "partial-list",
}
JSON_TYPE = "application/json"
PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf"
YAML_TYPE = "application/yaml"
PLAIN_TYPE = "text/plain; charset=utf-8"
_SERVED = (JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE)
_STREAMED = tuple(f"{served};stream=watch" for served in (JSON_TYPE, PROTOBUF_TYPE))
_RANGES = frozenset((*_SERVED, "*/*"))
READABLE = (JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE)
"""Body types that can be decoded; protobuf is turned into JSON at the door."""


@dataclass(frozen=True, slots=True)
class Format:
    """How to write an answer. `version` is the meta.k8s.io version of a table or partial object."""

    shape: Shape = "object"
    content_type: str = JSON_TYPE
    version: str = "v1"

    @property
    def cached(self) -> bool:
        """Whether the bytes that are kept of every object are the answer."""
        return self.shape == "object" and self.content_type == JSON_TYPE


PLAIN = Format()


@dataclass(frozen=True, slots=True)
class Clause:
    """One media range of an Accept header, best first."""

    type: str
    params: tuple[tuple[str, str], ...]
    quality: float


@lru_cache(maxsize=512)
def parse_accept(header: str) -> tuple[Clause, ...]:
    """Split an Accept header into its clauses, by quality, then in order."""
    clauses: list[Clause] = []
    for part in header.split(","):
        pieces = [p.strip() for p in part.split(";")]
        if not pieces[0]:
            continue
        quality, params = 1.0, list[tuple[str, str]]()
        for piece in pieces[1:]:
            key, _, value = piece.partition("=")
            if key == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
            else:
                params.append((key, value))
        clauses.append(Clause(pieces[0].lower(), tuple(params), quality))
    return tuple(sorted(clauses, key=lambda c: -c.quality))


@lru_cache(maxsize=512)
def negotiate(header: str, *, verb: str = "get", tables: bool = True) -> Format:
    """Choose the representation of a resource answer; what is only asked has no `tables`. Raises ApiError 406.

    Whether the answer is a list, where metadata of one or of many is asked for, is not looked at.
    """
    listing = verb in {"list", "watch", "deletecollection"}
    refused = whole = False
    clauses = parse_accept(header)
    if not clauses:
        return PLAIN
    fallback: Format | None = None
    for clause in clauses:
        if clause.type not in _RANGES:
            continue
        if verb == "watch" and clause.type == YAML_TYPE:  # it has no form for one event after the other
            whole = True
            continue
        content_type = JSON_TYPE if clause.type == "*/*" else clause.type
        params = dict(clause.params)
        shape = _AS.get(params.get("as", ""))
        if "as" not in params:
            # Most clients that take protobuf take JSON too, whose bytes are at hand: only the others get it.
            if content_type != PROTOBUF_TYPE:
                return Format(content_type=content_type)
            fallback = fallback or Format(content_type=content_type)
            continue
        version = params.get("v", "")
        allowed = tables if shape == "table" else verb != "watch" or shape == "partial"
        known = params.get("g") == "meta.k8s.io" and version in {"v1", "v1beta1"}
        spelled = shape != "table" or content_type != PROTOBUF_TYPE  # tables have no protobuf form
        if shape is None or not allowed or not known or not spelled:
            refused = True
            continue
        if verb == "watch" and content_type == PROTOBUF_TYPE:
            fallback = fallback or Format(shape, content_type, version)
            continue
        return Format(shape, content_type, version)
    if fallback is not None:
        return fallback
    if whole and not refused:
        raise not_acceptable(_STREAMED, transforming=True)
    raise not_acceptable((*_SERVED, *(_STREAMED if listing and not refused else ())), transforming=refused)


def body_type(header: str) -> str:
    """The media type of a Content-Type header without parameters; no header means JSON."""
    return header.partition(";")[0].strip().lower() or JSON_TYPE
