"""Protobuf at the door: request bodies become JSON, answers leave as protobuf; nothing behind it knows of either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import orjson

from podwright.api.errors import bad_request, not_acceptable
from podwright.api.meta import ListMeta, ObjectMeta
from podwright.api.protobuf.decoding import ProtobufError, decode, envelope
from podwright.api.protobuf.encoding import (
    around_list,
    encode,
    encode_event,
    encode_item,
    encode_list,
    encode_metadata,
    encode_metadata_item,
    encode_metadata_list,
)
from podwright.api.resources import RESOURCES
from podwright.api.schema import TypeSchema, schema_of
from podwright.apiserver.media import JSON_TYPE, YAML_TYPE
from podwright.apiserver.registry.decoding import summary

JSON = dict[str, Any]

# Types that are sent to subresources or with a DELETE and are no resources themselves: (apiVersion, kind) -> class.
_OTHERS: Mapping[tuple[str, str], str] = {
    ("authentication.k8s.io/v1", "TokenRequest"): "authentication.tokenrequest:TokenRequest",
    ("autoscaling/v1", "Scale"): "autoscaling.scale:Scale",
    ("policy/v1", "Eviction"): "policy.eviction:Eviction",
    ("v1", "Status"): "meta:Status",
}


def to_json(body: bytes, wanted: str) -> bytes:
    """The same object as JSON; `wanted` is the kind of the path. Raises ApiError 400 that says what is wrong."""
    try:
        api_version, kind, raw = envelope(body)
        schema = _schema(api_version, kind)
        if schema is None:
            msg = f'no kind "{kind}" is registered for version "{api_version}"'
            raise bad_request(msg)
        return orjson.dumps({"kind": kind, "apiVersion": api_version, **decode(raw, schema)})
    except ProtobufError as error:
        msg = (
            f"the object provided is unrecognized (must be of type {wanted}): proto: {error} ({summary(body, wanted)})"
        )
        raise bad_request(msg) from error


def from_json(obj: JSON) -> bytes:
    """An object, list or Status in protobuf. Raises ApiError 406 for a kind that has no such form."""
    api_version, kind = str(obj["apiVersion"]), str(obj["kind"])
    if kind == "PartialObjectMetadata":
        return encode_metadata(obj, schema_of(ObjectMeta))
    if kind == "PartialObjectMetadataList":
        return encode_metadata_list(obj, schema_of(ListMeta), schema_of(ObjectMeta))
    item = _schema(api_version, kind.removesuffix("List")) if "items" in obj else None
    if item is not None:
        return encode_list(obj, schema_of(ListMeta), item)
    schema = _schema(api_version, kind)
    if schema is None:
        raise not_acceptable((JSON_TYPE, YAML_TYPE))
    return encode(obj, schema)


class ListInProtobuf:
    """A list, spelled some objects at a time. Raises ApiError 406 for a kind that has no such form."""

    between = b""

    def __init__(self, document: JSON) -> None:
        """`document` lacks the objects."""
        api_version, kind = str(document["apiVersion"]), str(document["kind"])
        self._document = document
        schema = schema_of(ObjectMeta)
        self._encode = encode_metadata_item
        if kind != "PartialObjectMetadataList":
            found = _schema(api_version, kind.removesuffix("List"))
            if found is None:
                raise not_acceptable((JSON_TYPE, YAML_TYPE))
            schema, self._encode = found, encode_item
        self._schema = schema

    def some(self, objects: Sequence[JSON]) -> bytes:
        """Some of its objects."""
        return b"".join([self._encode(each, self._schema) for each in objects])

    def around(self, size: int) -> tuple[bytes, bytes]:
        """What comes before and after them."""
        return around_list(self._document, schema_of(ListMeta), size)


def event_frame(kind: str, obj: JSON) -> bytes:
    """An event of a watch: its length in four bytes, its type, and the object with an envelope of its own.

    Raises ApiError 406 for a kind that has no such form.
    """
    return encode_event(kind, from_json(obj))


@cache
def _schema(api_version: str, kind: str) -> TypeSchema | None:
    for row in RESOURCES:
        if (row.api_version, row.kind) == (api_version, kind):
            return schema_of(row.cls)
    where = "meta:DeleteOptions" if kind == "DeleteOptions" else _OTHERS.get((api_version, kind), "")
    module, _, name = where.partition(":")
    return schema_of(getattr(import_module(f"podwright.api.{module}"), name)) if where else None
