"""Content negotiation: which of our representations an Accept header asks for, and what a body's type is.

Pure and cached: clients send the same few headers for ever. It must never look at objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from podwright.api.errors import ApiError, not_acceptable

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
_SERVED = (JSON_TYPE, YAML_TYPE)
READABLE = (JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE)
"""Body types that can be decoded; protobuf is turned into JSON at the door."""


@dataclass(frozen=True, slots=True)
class Format:
    """How to write an answer. `version` is the meta.k8s.io version of a table or partial object."""

    shape: Shape = "object"
    yaml: bool = False
    version: str = "v1"

    @property
    def content_type(self) -> str:
        """The Content-Type header of the answer."""
        return YAML_TYPE if self.yaml else JSON_TYPE


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
def negotiate(header: str, *, verb: str = "get") -> Format:
    """Choose the representation of a resource answer. Raises ApiError 406."""
    listing = verb in {"list", "watch", "deletecollection"}
    refused = False
    clauses = parse_accept(header)
    if not clauses:
        return PLAIN
    for clause in clauses:
        if clause.type not in {JSON_TYPE, YAML_TYPE, "*/*"}:
            continue
        yaml = clause.type == YAML_TYPE
        if yaml and verb == "watch":
            continue
        params = dict(clause.params)
        shape = _AS.get(params.get("as", ""))
        if "as" not in params:
            return Format(yaml=yaml)
        version = params.get("v", "")
        allowed = shape == "table" or (shape == "partial-list") is (listing and verb != "watch")
        if shape is None or not allowed or params.get("g") != "meta.k8s.io" or version not in {"v1", "v1beta1"}:
            refused = True
            continue
        return Format(shape=shape, yaml=yaml, version=version)
    raise _refusal(refused=refused, watch=listing)


def _refusal(*, refused: bool, watch: bool) -> ApiError:
    served = (*_SERVED, f"{JSON_TYPE};stream=watch") if watch and not refused else _SERVED
    return not_acceptable(served, transforming=refused)


def body_type(header: str) -> str:
    """The media type of a Content-Type header without parameters; no header means JSON."""
    return header.partition(";")[0].strip().lower() or JSON_TYPE
