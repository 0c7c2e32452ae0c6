"""ConfigMaps, Secrets, service accounts, leases and pods as plain objects: what may be in them, what may change."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from api_client import PODS, Api, pod
from steps import NS, expect, good, names

JSON = dict[str, Any]
ACCOUNTS = f"{NS}/serviceaccounts"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/ns/leases"


@pytest.mark.parametrize("plural", ["configmaps", "secrets"])
async def test_a_key_has_a_name(api: Api, plural: str) -> None:
    answer = await api.post(f"{NS}/{plural}", {"metadata": {"name": "x"}, "data": {"": "dg=="}})
    assert (answer.status, "data[]: Invalid value" in answer.message) == (422, True), answer


@pytest.mark.parametrize("plural", ["configmaps", "secrets"])
async def test_what_is_immutable_stays_so(api: Api, plural: str) -> None:
    path = f"{NS}/{plural}/x"
    made = await api.create(f"{NS}/{plural}", {"metadata": {"name": "x"}, "data": {"a": "dg=="}})
    made["data"]["a"] = "dw=="
    frozen = good(await api.put(path, {**good(await api.put(path, made)), "immutable": True}))
    for change in ({"data": {"a": "eA=="}}, {"data": {"b": "eA=="}}, {"immutable": None}, {"immutable": False}):
        refused = await api.patch(path, change)
        assert (refused.status, "field is immutable when `immutable` is set" in refused.message) == (422, True), refused
    labelled = good(await api.patch(path, {"metadata": {"labels": {"a": "b"}}}))
    assert (labelled["data"], labelled["immutable"]) == (frozen["data"], True)
    good(await api.delete(path))


async def test_a_secret_is_patched_and_found_in_all_namespaces(api: Api) -> None:
    body = {"metadata": {"name": "s", "labels": {"walk": "on"}}, "type": "Opaque", "data": {"k": "dg=="}}
    await api.create(f"{NS}/secrets", body)
    change = {"metadata": {"labels": {"walk": "changed"}}, "data": {"k": "dw=="}}
    good(await api.patch(f"{NS}/secrets/s", change, "strategic"))
    [found] = good(await api.get("/api/v1/secrets", labelSelector="walk=changed"))["items"]
    assert found["data"] == {"k": "dw=="}
    good(await api.delete(f"{NS}/secrets", labelSelector="walk=changed"))
    assert names(good(await api.get("/api/v1/secrets", labelSelector="walk"))) == []


async def test_an_account_lives(api: Api) -> None:
    watch = await api.watch(ACCOUNTS, labelSelector="walk")
    await api.create(ACCOUNTS, {"metadata": {"name": "a", "labels": {"walk": "on"}}})
    await expect(watch, "ADDED")
    patched = good(await api.patch(f"{ACCOUNTS}/a", {"automountServiceAccountToken": False}, "strategic"))
    assert patched["automountServiceAccountToken"] is False
    await expect(watch, "MODIFIED")
    updated = good(await api.put(f"{ACCOUNTS}/a", {**patched, "automountServiceAccountToken": True}))
    assert updated["automountServiceAccountToken"] is True
    await expect(watch, "MODIFIED")
    assert names(good(await api.get("/api/v1/serviceaccounts", labelSelector="walk=on"))) == ["a"]
    good(await api.delete(ACCOUNTS, labelSelector="walk=on"))
    await expect(watch, "DELETED")


CHOICES = list(itertools.product([None, True, False], repeat=2))


@pytest.mark.parametrize(("account", "own"), CHOICES, ids=str)
async def test_tokens_are_mounted_unless_somebody_says_no(api: Api, account: bool | None, own: bool | None) -> None:
    said = {} if account is None else {"automountServiceAccountToken": account}
    await api.create(ACCOUNTS, {"metadata": {"name": "a"}, **said})
    spec = {} if own is None else {"automountServiceAccountToken": own}
    made = await api.create(PODS, pod("p", serviceAccountName="a", **spec))
    mounts = made["spec"]["containers"][0].get("volumeMounts") or []
    wanted = own if own is not None else account is not False
    assert ["/var/run/secrets/kubernetes.io/serviceaccount"] * wanted == [mount["mountPath"] for mount in mounts]


async def test_a_lease_is_taken_over(api: Api) -> None:
    stamp = "2026-01-02T03:04:05.678901Z"
    spec = {"holderIdentity": "a", "leaseDurationSeconds": 30, "acquireTime": stamp, "renewTime": stamp}
    made = await api.create(LEASES, {"metadata": {"name": "l"}, "spec": {**spec, "leaseTransitions": 0}})
    made["spec"] |= {"holderIdentity": "b", "leaseTransitions": 1}
    assert good(await api.put(f"{LEASES}/l", made))["spec"] == made["spec"]
    patched = good(await api.patch(f"{LEASES}/l", {"spec": {"leaseDurationSeconds": 60}}, "strategic"))
    assert patched["spec"] == {**made["spec"], "leaseDurationSeconds": 60}
    good(await api.delete(LEASES))
    assert good(await api.get(LEASES))["items"] == []


async def test_an_inline_volume_of_a_driver_is_part_of_a_pod(api: Api) -> None:
    inline = {"name": "v", "csi": {"driver": "csi.example.com", "readOnly": True, "fsType": "ext4"}}
    await api.create(PODS, pod("p", labels={"walk": "on"}, volumes=[inline], automountServiceAccountToken=False))
    [found] = good(await api.get("/api/v1/pods", labelSelector="walk=on"))["items"]
    assert found["spec"]["volumes"] == [inline]
    good(await api.delete(f"{PODS}/p"))


async def test_limits_that_are_requests_make_a_guaranteed_pod(api: Api) -> None:
    body = pod("p")
    amounts = {"cpu": "100m", "memory": "100Mi"}
    body["spec"]["containers"][0]["resources"] = {"limits": amounts, "requests": amounts}
    assert (await api.create(PODS, body))["status"]["qosClass"] == "Guaranteed"


async def test_a_node_lives(api: Api) -> None:
    nodes = "/api/v1/nodes"
    capacity = {"cpu": "1", "memory": "1Gi"}
    await api.create(nodes, {"metadata": {"name": "n"}, "status": {"capacity": capacity, "phase": "Running"}})
    found = good(await api.patch(f"{nodes}/n", {"metadata": {"labels": {"walk": "on"}}}, "strategic"))
    found["metadata"]["labels"]["walk"] = "updated"
    good(await api.put(f"{nodes}/n", found))
    assert names(good(await api.get(nodes, labelSelector="walk=updated"))) == ["n"]
    ready = {"type": "Ready", "status": "True", "reason": "R", "message": "m"}
    note = {
        "metadata": {"labels": {"by": "status"}},
        "spec": {"unschedulable": True},
        "status": {"conditions": [ready]},
    }
    told = good(await api.patch(f"{nodes}/n/status", note, "strategic"))
    assert (told["metadata"]["labels"], told["spec"]) == ({"walk": "updated", "by": "status"}, found["spec"])
    assert told["status"]["conditions"][0]["reason"] == "R"
    good(await api.delete(nodes, labelSelector="walk=updated"))
    assert (await api.get(f"{nodes}/n")).status == 404
