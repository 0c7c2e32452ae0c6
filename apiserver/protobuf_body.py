"""Protobuf request bodies become JSON ones at the door, so that nothing behind it knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

import orjson

from podwright.api.errors import bad_request
from podwright.api.protobuf.decoding import ProtobufError, decode, envelope
from podwright.api.resources import RESOURCES
from podwright.api.schema import TypeSchema, schema_of
from podwright.apiserver.registry.decoding import summary

# Types that are sent to subresources or with a DELETE and are no resources themselves: (apiVersion, kind) -> class.
_OTHERS: Mapping[tuple[str, str], str] = {
    ("authentication.k8s.io/v1", "TokenRequest"): "authentication.tokenrequest:TokenRequest",
    ("autoscaling/v1", "Scale"): "autoscaling.scale:Scale",
    ("policy/v1", "Eviction"): "policy.eviction:Eviction",
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
        msg = f"the object provided is unrecognized (must be of type {wanted}): proto: {error} ({summary(body)})"
        raise bad_request(msg) from error


@cache
def _schema(api_version: str, kind: str) -> TypeSchema | None:
    for row in RESOURCES:
        if (row.api_version, row.kind) == (api_version, kind):
            return schema_of(row.cls)
    where = "meta:DeleteOptions" if kind == "DeleteOptions" else _OTHERS.get((api_version, kind), "")
    module, _, name = where.partition(":")
    return schema_of(getattr(import_module(f"podwright.api.{module}"), name)) if where else None
