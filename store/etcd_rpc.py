"""The only door to etcd's generated messages, which have no types, and the table of the methods we call.

They come with the `aetcd` package; its client is not used (docs/adr/0004-etcd-client.md).
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc.aio

_messages: Any = importlib.import_module("aetcd.rpc.rpc_pb2")

RangeRequest = _messages.RangeRequest
PutRequest = _messages.PutRequest
DeleteRangeRequest = _messages.DeleteRangeRequest
TxnRequest = _messages.TxnRequest
RequestOp = _messages.RequestOp
Compare = _messages.Compare
CompactionRequest = _messages.CompactionRequest
AuthenticateRequest = _messages.AuthenticateRequest
WatchRequest = _messages.WatchRequest
WatchCreateRequest = _messages.WatchCreateRequest

_ANSWERS: dict[str, Any] = {
    "KV/Range": _messages.RangeResponse,
    "KV/Txn": _messages.TxnResponse,
    "KV/Compact": _messages.CompactionResponse,
    "Auth/Authenticate": _messages.AuthenticateResponse,
}


def unary(channel: grpc.aio.Channel, method: str) -> Callable[..., Any]:
    """Return the callable for one method, as `KV/Range`."""
    return channel.unary_unary(
        f"/etcdserverpb.{method}",
        request_serializer=_serialize,
        response_deserializer=_ANSWERS[method].FromString,
    )


def watch(channel: grpc.aio.Channel, requests: AsyncIterator[Any], metadata: Any) -> Any:
    """Open a Watch stream."""
    return channel.stream_stream(
        "/etcdserverpb.Watch/Watch",
        request_serializer=_serialize,
        response_deserializer=_messages.WatchResponse.FromString,
    )(requests, metadata=metadata)


def _serialize(message: Any) -> bytes:
    return message.SerializeToString()
