"""Flow schemas against the real API server: what is told of them, and who tells it."""

from __future__ import annotations

from control_plane import eventually

from podwright.api.resources import find

SCHEMAS = find("flowschemas", "flowcontrol.apiserver.k8s.io")
MANAGER = "api-priority-and-fairness-config-consumer-v1"


async def test_a_condition_that_is_applied(plane):
    plane.controllers()
    body = {"apiVersion": SCHEMAS.api_version, "kind": SCHEMAS.kind, "metadata": {"name": "mine"}}
    await plane.client.create(SCHEMAS, body | {"spec": {"priorityLevelConfiguration": {"name": "catch-all"}}})

    async def told():
        return ((await plane.get(SCHEMAS, "mine", namespace="")).get("status") or {}).get("conditions")

    (condition,) = await eventually(told)
    assert (condition["type"], condition["status"], condition["reason"]) == ("Dangling", "False", "Found")
    records = (await plane.get(SCHEMAS, "mine", namespace=""))["metadata"]["managedFields"]
    (own,) = [record for record in records if record["manager"] == MANAGER]
    assert (own["operation"], own["subresource"]) == ("Apply", "status")
