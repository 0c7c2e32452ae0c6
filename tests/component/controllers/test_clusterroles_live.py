"""Aggregated roles against the real API server: they follow what they are made of."""

from __future__ import annotations

from control_plane import eventually

from podwright.api.resources import find

ROLES = find("clusterroles", "rbac.authorization.k8s.io")
RULE = {"verbs": ["get"], "apiGroups": ["acme.com"], "resources": ["things"]}


async def test_view_grows_and_shrinks(plane):
    plane.controllers()
    metadata = {"name": "things", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}
    body = {"apiVersion": ROLES.api_version, "kind": ROLES.kind, "metadata": metadata, "rules": [RULE]}
    await plane.client.create(ROLES, body)

    async def in_admin():
        return RULE in (await plane.get(ROLES, "admin", namespace=""))["rules"]

    await eventually(in_admin)  # by way of view and edit
    await plane.client.delete(ROLES, "things")

    async def gone():
        return not await in_admin()

    await eventually(gone)
