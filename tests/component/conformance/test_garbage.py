"""What goes with a ReplicationController and what does not, by the propagation that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import PODS, Api, pod
from steps import NS, gone, good, seen

JSON = dict[str, Any]
RCS = f"{NS}/replicationcontrollers"


async def controller(api: Api, name: str, replicas: int) -> JSON:
    template = {"metadata": {"labels": {"app": name}}, "spec": pod("p")["spec"]}
    made = await api.create(RCS, {"metadata": {"name": name}, "spec": {"replicas": replicas, "template": template}})
    await seen(api, PODS, lambda body: len(body["items"]) == replicas, labelSelector=f"app={name}")
    return made


def owner(kind: str, obj: JSON, **said: bool) -> JSON:
    return {"apiVersion": "v1", "kind": kind, "name": obj["metadata"]["name"], "uid": obj["metadata"]["uid"], **said}


async def test_pods_go_with_their_controller(whole: Api) -> None:
    await controller(whole, "rc", 2)
    good(await whole.delete(f"{RCS}/rc", propagationPolicy="Background"))
    assert (await whole.get(f"{RCS}/rc")).status == 404
    await seen(whole, PODS, lambda body: not body["items"])


@pytest.mark.parametrize("said", [{"propagationPolicy": "Orphan"}, {"orphanDependents": True}], ids=str)
async def test_orphans_stay_without_an_owner(whole: Api, said: JSON) -> None:
    await controller(whole, "rc", 2)
    good(await whole.delete(f"{RCS}/rc", {"kind": "DeleteOptions", "apiVersion": "v1", **said}))
    await gone(whole, f"{RCS}/rc")
    items = good(await whole.get(PODS))["items"]
    assert [item["metadata"].get("ownerReferences") for item in items] == [None, None]


async def test_a_controller_waits_for_its_pods(whole: Api) -> None:
    await controller(whole, "rc", 2)
    [held, _] = good(await whole.get(PODS))["items"]
    path = f"{PODS}/{held['metadata']['name']}"
    good(await whole.patch(path, {"metadata": {"finalizers": ["example.com/hold"]}}))
    good(await whole.delete(f"{RCS}/rc", propagationPolicy="Foreground"))
    await seen(whole, PODS, lambda body: len(body["items"]) == 1)
    waiting = good(await whole.get(f"{RCS}/rc"))
    assert waiting["metadata"]["finalizers"] == ["foregroundDeletion"]
    good(await whole.patch(path, {"metadata": {"finalizers": None}}))
    await gone(whole, f"{RCS}/rc")
    assert good(await whole.get(PODS))["items"] == []


async def test_pods_of_two_controllers_stay_with_the_other(whole: Api) -> None:
    await controller(whole, "going", 4)
    staying = await controller(whole, "staying", 0)
    shared = [item["metadata"]["name"] for item in good(await whole.get(PODS))["items"]][:2]
    also = owner("ReplicationController", staying)
    for name in shared:
        good(await whole.patch(f"{PODS}/{name}", {"metadata": {"ownerReferences": [also]}}, "strategic"))
    good(await whole.delete(f"{RCS}/going", propagationPolicy="Foreground"))
    await gone(whole, f"{RCS}/going")
    left = good(await whole.get(PODS))["items"]
    assert sorted(item["metadata"]["name"] for item in left) == sorted(shared)
    for item in left:
        assert item["metadata"]["ownerReferences"] == [also]
        assert "deletionTimestamp" not in item["metadata"]


async def test_a_circle_of_owners_is_no_obstacle(whole: Api) -> None:
    made = {name: await whole.create(PODS, pod(name)) for name in ("a", "b", "c")}
    for name, of in (("a", "c"), ("b", "a"), ("c", "b")):
        reference = owner("Pod", made[of], controller=True, blockOwnerDeletion=True)
        good(await whole.patch(f"{PODS}/{name}", {"metadata": {"ownerReferences": [reference]}}))
    good(await whole.delete(f"{PODS}/a", propagationPolicy="Foreground"))
    await seen(whole, PODS, lambda body: not body["items"])
