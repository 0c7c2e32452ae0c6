"""Namespaces: labels, status, finalizers, and what ends with them."""

from __future__ import annotations

from api_client import Api
from steps import NS, gone, good, seen


async def test_a_namespace_is_patched_and_updated(whole: Api) -> None:
    patched = good(await whole.patch(NS, {"metadata": {"labels": {"a": "1"}}}, "strategic"))
    assert patched["metadata"]["labels"] == {"a": "1", "kubernetes.io/metadata.name": "ns"}
    patched["metadata"]["labels"]["a"] = "2"
    assert good(await whole.put(NS, patched))["metadata"]["labels"]["a"] == "2"


async def test_the_certificate_of_the_server_is_in_every_namespace(whole: Api) -> None:
    path = f"{NS}/configmaps/kube-root-ca.crt"
    found = await seen(whole, path, lambda body: "ca.crt" in body["data"])
    good(await whole.delete(path))
    again = await seen(whole, path, lambda body: body["metadata"]["uid"] != found["metadata"]["uid"])
    good(await whole.put(path, {**again, "data": {"other": "x"}}))
    await seen(whole, path, lambda body: body["data"] == found["data"])


async def test_its_status_is_patched_and_updated(whole: Api) -> None:
    condition = {"type": "Patched", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": None}
    note = {"metadata": {"annotations": {"patched": "true"}}, "status": {"conditions": [condition]}}
    patched = good(await whole.patch(f"{NS}/status", note))
    assert patched["metadata"]["annotations"] == {"patched": "true"}
    assert [c["type"] for c in patched["status"]["conditions"]] == ["Patched"]
    more = {"type": "Updated", "status": "True", "reason": "R", "message": "m"}
    patched["status"]["conditions"].append(more)
    updated = good(await whole.put(f"{NS}/status", patched))
    assert [c["type"] for c in updated["status"]["conditions"]] == ["Patched", "Updated"]
    assert updated["status"]["phase"] == "Active"


async def test_a_finalizer_of_somebody_else_is_waited_for(whole: Api) -> None:
    found = good(await whole.get(NS))
    found["spec"]["finalizers"].append("example.com/mine")
    assert good(await whole.put(f"{NS}/finalize", found))["spec"]["finalizers"] == ["kubernetes", "example.com/mine"]
    good(await whole.delete(NS))
    left = await seen(whole, NS, lambda body: body["spec"].get("finalizers") == ["example.com/mine"])
    assert left["status"]["phase"] == "Terminating"
    good(await whole.put(f"{NS}/finalize", {**left, "spec": {}}))
    await gone(whole, NS)


async def test_services_end_with_their_namespace(whole: Api) -> None:
    await whole.create(f"{NS}/services", {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}})
    good(await whole.delete(NS))
    await gone(whole, NS)
    await whole.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
    assert good(await whole.get(f"{NS}/services"))["items"] == []
