"""Events of both groups: series, selectors, collections."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Api
from steps import NS, good, names

JSON = dict[str, Any]
NEWER = "/apis/events.k8s.io/v1"
STAMP = "2026-01-02T03:04:05.678901Z"


def newer(name: str) -> JSON:
    return {
        "metadata": {"name": name, "labels": {"walk": "on"}}, "regarding": {"namespace": "ns", "kind": "Pod"},
        "eventTime": STAMP, "reportingController": "example.com/c", "reportingInstance": "c-1", "action": "Do",
        "reason": "Because", "type": "Normal", "note": "it is so",
    }  # fmt: skip


async def test_a_series_is_counted(api: Api) -> None:
    path = f"{NEWER}/namespaces/ns/events"
    await api.create(path, newer("e"))
    patched = good(await api.patch(f"{path}/e", {"series": {"count": 2, "lastObservedTime": STAMP}}, "strategic"))
    assert patched["series"] == {"count": 2, "lastObservedTime": STAMP}
    patched["series"] = {"count": 100, "lastObservedTime": "2026-01-02T03:05:05.000000Z"}
    updated = good(await api.put(f"{path}/e", patched))
    assert updated["series"] == patched["series"]
    assert names(good(await api.get(f"{NEWER}/events", fieldSelector="reportingController=example.com/c"))) == ["e"]
    assert names(good(await api.get(f"{NS}/events", fieldSelector="source=example.com/c"))) == ["e"]
    other = await api.get(f"{NEWER}/events", fieldSelector="involvedObject.kind=Pod")
    assert (other.status, other.message) == (400, "field label not supported: involvedObject.kind")
    good(await api.delete(f"{path}/e"))
    assert names(good(await api.get(f"{NEWER}/events", labelSelector="walk=on"))) == []


@pytest.mark.parametrize("base", ["/api/v1", NEWER])
async def test_a_collection_goes_through_either_group(api: Api, base: str) -> None:
    for name in ("a", "b", "c"):
        await api.create(f"{NEWER}/namespaces/ns/events", newer(name))
    assert names(good(await api.get(f"{base}/events", labelSelector="walk=on"))) == ["a", "b", "c"]
    good(await api.delete(f"{base}/namespaces/ns/events", labelSelector="walk=on"))
    assert names(good(await api.get(f"{base}/events", labelSelector="walk=on"))) == []


async def test_an_older_event_is_changed(api: Api) -> None:
    path = f"{NS}/events"
    involved = {"namespace": "ns", "kind": "Pod", "name": "p"}
    body = {"metadata": {"name": "e"}, "involvedObject": involved, "type": "Normal", "reason": "Test", "count": 1}
    await api.create(path, {**body, "message": "first"})
    chosen = {"fieldSelector": "involvedObject.name=p,reason=Test"}
    assert names(good(await api.get("/api/v1/events", **chosen))) == ["e"]
    patched = good(await api.patch(f"{path}/e", {"message": "second"}, "strategic"))
    assert patched["message"] == "second"
    updated = good(await api.put(f"{path}/e", {**patched, "count": 9, "type": "Warning"}))
    assert (updated["count"], updated["type"]) == (9, "Warning")
    good(await api.delete(f"{path}/e"))
    assert (await api.get(f"{path}/e")).status == 404
