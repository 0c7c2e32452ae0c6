"""What requests look like, and what answers become."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any

import pytest
from client_fakes import FakeStream, FakeTransport, answer, refusal

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.client.client import Client
from podwright.client.transport import Request, Response, TransportError

PODS = find("pods")
NODES = find("nodes")
LEASES = find("leases", "coordination.k8s.io")
Call = Callable[[Client], Coroutine[Any, Any, Any]]


@pytest.mark.parametrize(
    ("call", "method", "path", "query"),
    [
        (lambda c: c.get(PODS, "p", namespace="n"), "GET", "/api/v1/namespaces/n/pods/p", {}),
        (lambda c: c.get(NODES, "x"), "GET", "/api/v1/nodes/x", {}),
        (lambda c: c.get(PODS, "p", namespace="n", subresource="status", resource_version="0"),
         "GET", "/api/v1/namespaces/n/pods/p/status", {"resourceVersion": "0"}),
        (lambda c: c.list(PODS), "GET", "/api/v1/pods", {}),
        (lambda c: c.list(LEASES, namespace="n", label_selector="a=b", field_selector="c=d", limit=5,
                          continue_token="t", resource_version="7", resource_version_match="Exact"),
         "GET", "/apis/coordination.k8s.io/v1/namespaces/n/leases",
         {"labelSelector": "a=b", "fieldSelector": "c=d", "limit": "5", "continue": "t", "resourceVersion": "7",
          "resourceVersionMatch": "Exact"}),
        (lambda c: c.create(PODS, {"metadata": {"name": "p", "namespace": "n"}}), "POST", "/api/v1/namespaces/n/pods",
         {}),
        (lambda c: c.create(PODS, {}, namespace="n", name="p", subresource="binding", dry_run=True,
                            field_manager="m", field_validation="Strict"),
         "POST", "/api/v1/namespaces/n/pods/p/binding",
         {"dryRun": "All", "fieldManager": "m", "fieldValidation": "Strict"}),
        (lambda c: c.update(PODS, {"metadata": {"name": "p", "namespace": "n"}}, subresource="status"),
         "PUT", "/api/v1/namespaces/n/pods/p/status", {}),
        (lambda c: c.delete(PODS, "p", namespace="n"), "DELETE", "/api/v1/namespaces/n/pods/p", {}),
        (lambda c: c.delete_collection(PODS, namespace="n", label_selector="a"), "DELETE",
         "/api/v1/namespaces/n/pods", {"labelSelector": "a"}),
    ],
)  # fmt: skip
async def test_requests(call: Call, method: str, path: str, query: dict[str, str]) -> None:
    transport = FakeTransport(answer({"kind": "X"}))
    assert await call(Client(transport, user_agent="tests")) == {"kind": "X"}
    asked = transport.asked[0]
    assert (asked.method, asked.path, dict(asked.query)) == (method, path, query)
    assert ("user-agent", "tests") in asked.headers
    assert ("accept", "application/json") in asked.headers


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("merge", "application/merge-patch+json"),
        ("json", "application/json-patch+json"),
        ("strategic", "application/strategic-merge-patch+json"),
        ("apply", "application/apply-patch+yaml"),
    ],
)
async def test_patches(kind: Any, content: str) -> None:
    transport = FakeTransport(answer())
    patch: Any = [{"op": "remove", "path": "/a"}] if kind == "json" else {"a": 1}
    await Client(transport).patch(PODS, "p", patch, type=kind, namespace="n", field_manager="m", force=kind == "apply")
    assert ("content-type", content) in transport.asked[0].headers
    assert transport.body() == patch
    assert transport.query().get("force") == ("true" if kind == "apply" else None)


async def test_delete_options_travel_in_the_body() -> None:
    transport = FakeTransport(answer())
    await Client(transport).delete(
        PODS, "p", namespace="n", grace_period=0, propagation="Foreground", uid="u", resource_version="5", dry_run=True
    )
    assert transport.body() == {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "gracePeriodSeconds": 0,
        "propagationPolicy": "Foreground",
        "preconditions": {"uid": "u", "resourceVersion": "5"},
        "dryRun": ["All"],
    }


async def test_a_refusal_is_an_api_error() -> None:
    client = Client(FakeTransport(refusal(409, "Conflict", name="p")))
    with pytest.raises(ApiError) as caught:
        await client.get(PODS, "p", namespace="n")
    assert (caught.value.code, caught.value.reason, caught.value.details) == (409, "Conflict", {"name": "p"})


@pytest.mark.parametrize(
    ("response", "code", "reason", "after"),
    [
        (Response(404, {}, b"404 page not found\n"), 404, "NotFound", None),
        (Response(503, {"retry-after": "7"}, b""), 503, "ServiceUnavailable", 7),
        (Response(502, {"retry-after": "soon"}, b"<html>"), 502, "", None),
        (Response(500, {}, b"[]"), 500, "InternalError", None),
    ],
)
async def test_refusals_without_a_status(response: Response, code: int, reason: str, after: int | None) -> None:
    with pytest.raises(ApiError) as caught:
        await Client(FakeTransport(response)).list(PODS)
    assert (caught.value.code, caught.value.reason, caught.value.retry_after) == (code, reason, after)
    assert caught.value.message


async def test_an_answer_that_is_no_json_is_a_transport_error() -> None:
    with pytest.raises(TransportError, match="cannot read the answer to GET /api/v1/pods"):
        await Client(FakeTransport(Response(200, {}, b"<html>"))).list(PODS)


async def test_warnings_are_passed_on() -> None:
    warnings: list[str] = []
    client = Client(FakeTransport(Response(200, {}, b"{}", ("old", "odd"))), on_warning=warnings.append)
    await client.list(PODS)
    assert warnings == ["old", "odd"]


async def test_raw_returns_the_answer_untouched() -> None:
    transport = FakeTransport(Response(200, {"x": "y"}, b"log"))
    response = await Client(transport).raw("GET", "/logs", query=[("a", "b")], headers=[("accept", "text/plain")])
    assert response.body == b"log"
    assert ("accept", "text/plain") in transport.asked[0].headers
    assert ("accept", "application/json") not in transport.asked[0].headers


async def test_watch_yields_events_until_the_end() -> None:
    stream = FakeStream()
    stream.event("ADDED", {"n": 1})
    stream.chunk(b'{"type":"MODIFIED","obj')
    stream.chunk(b'ect":{"n":2}}\n\n{"type":"DELETED","object":{"n":3}}\n')
    stream.end()
    transport = FakeTransport(stream)
    events = Client(transport).watch(PODS, namespace="n", label_selector="a", resource_version="5", timeout=9)
    flags = {"watch": "1", "allowWatchBookmarks": "true"}
    assert [event async for event in events] == [("ADDED", {"n": 1}), ("MODIFIED", {"n": 2}), ("DELETED", {"n": 3})]
    assert transport.asked[0].path == "/api/v1/namespaces/n/pods"
    assert transport.query() == {**flags, "labelSelector": "a", "resourceVersion": "5", "timeoutSeconds": "9"}
    assert stream.closed.is_set()


async def test_watch_asks_for_what_is_there_first() -> None:
    stream = FakeStream()
    stream.end()
    transport = FakeTransport(stream)
    assert [event async for event in Client(transport).watch(PODS, initial=True)] == []
    assert transport.query()["sendInitialEvents"] == "true"
    assert transport.query()["resourceVersionMatch"] == "NotOlderThan"


async def test_an_error_event_is_raised_after_what_came_before() -> None:
    stream = FakeStream()
    stream.chunk(
        b'{"type":"ADDED","object":{}}\n{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'
    )
    events = Client(FakeTransport(stream)).watch(PODS)
    assert await anext(events) == ("ADDED", {})
    with pytest.raises(ApiError) as caught:
        await anext(events)
    assert caught.value.code == 410
    assert stream.closed.is_set()


@pytest.mark.parametrize("garbage", [b"{\n", b"[]\n", b'{"type":"ADDED"}\n'])
async def test_garbage_in_a_watch_is_a_transport_error(garbage: bytes) -> None:
    stream = FakeStream()
    stream.chunk(garbage)
    with pytest.raises(TransportError, match="cannot read a watch event"):
        _ = [event async for event in Client(FakeTransport(stream)).watch(PODS)]
    assert stream.closed.is_set()


async def test_leaving_a_watch_closes_the_stream() -> None:
    stream = FakeStream()
    stream.event("ADDED", {})
    async with aclosing(Client(FakeTransport(stream)).watch(PODS)) as events:
        async for _ in events:
            break
    assert stream.closed.is_set()


async def test_a_refused_stream_is_an_api_error() -> None:
    client = Client(FakeTransport(refusal(404, "NotFound")))
    with pytest.raises(ApiError, match="NotFound!"):
        await client.open(Request("GET", "/logs"))
