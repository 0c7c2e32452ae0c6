"""Volumes against the real API server."""

from __future__ import annotations

from control_plane import eventually

from podwright.api.resources import find

VOLUMES = find("persistentvolumes")
SPEC = {
    "capacity": {"storage": "1Gi"},
    "accessModes": ["ReadWriteOnce"],
    "hostPath": {"path": "/srv/v"},
}


async def test_a_volume_that_is_nobodys_is_available(plane):
    plane.controllers()
    body = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": SPEC}
    made = await plane.client.create(VOLUMES, body)
    assert made["status"]["phase"] == "Pending"

    async def available():
        return (await plane.get(VOLUMES, "v", namespace=""))["status"]["phase"] == "Available"

    await eventually(available)
