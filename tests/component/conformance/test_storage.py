"""Volumes and claims, from the cradle to the grave, and their status."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Api
from steps import NS, gone, good, names

JSON = dict[str, Any]
VOLUMES, CLAIMS = "/api/v1/persistentvolumes", f"{NS}/persistentvolumeclaims"
SOURCE = {"csi": {"driver": "example.com", "volumeHandle": "v"}}
BODIES: dict[str, JSON] = {
    VOLUMES: {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "w", **SOURCE},
    CLAIMS: {"resources": {"requests": {"storage": "1Gi"}}, "accessModes": ["ReadWriteOnce"], "storageClassName": "w"},
}


@pytest.mark.parametrize("path", [VOLUMES, CLAIMS])
async def test_it_lives(whole: Api, path: str) -> None:
    for name in ("a", "b"):
        await whole.create(path, {"metadata": {"name": name, "labels": {"walk": "on"}}, "spec": BODIES[path]})
    everywhere = path.replace("/namespaces/ns", "")
    assert names(good(await whole.get(everywhere, labelSelector="walk=on"))) == ["a", "b"]
    patched = good(await whole.patch(f"{path}/a", {"metadata": {"labels": {"a": "patched"}}}, "strategic"))
    patched["metadata"]["labels"]["a"] = "updated"
    assert good(await whole.put(f"{path}/a", patched))["metadata"]["labels"] == {"walk": "on", "a": "updated"}
    good(await whole.delete(f"{path}/a"))
    await gone(whole, f"{path}/a")
    good(await whole.delete(path, labelSelector="walk=on"))
    await gone(whole, f"{path}/b")


@pytest.mark.parametrize("path", [VOLUMES, CLAIMS])
async def test_its_status_is_written(whole: Api, path: str) -> None:
    await whole.create(path, {"metadata": {"name": "a"}, "spec": BODIES[path]})
    door = f"{path}/a/status"
    shown = good(await whole.get(door))
    assert shown["status"]["phase"] in {"Pending", "Available"}
    message = {"message": "patched", "reason": "R"} if path == VOLUMES else {"conditions": [condition("Patched")]}
    patched = good(await whole.patch(door, {"status": message}))
    assert {name: patched["status"][name] for name in message} == message
    more = {"message": "updated"} if path == VOLUMES else {"conditions": [condition("Patched"), condition("Updated")]}
    updated = good(await whole.put(door, {**patched, "status": {**patched["status"], **more}}))
    assert {name: updated["status"][name] for name in more} == more
    assert updated["spec"] == shown["spec"]


def condition(kind: str) -> JSON:
    stamp = "2026-01-02T03:04:05Z"
    times = {"lastProbeTime": stamp, "lastTransitionTime": stamp}
    return {"type": kind, "status": "True", "reason": "R", "message": "m", **times}
