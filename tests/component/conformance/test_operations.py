"""One life for each kind whose API operations the suite walks through, from discovery to the deleted collection."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Api
from minimal_manifests import manifest, name_of
from steps import expect, good, names

from podwright.api.resources import RESOURCES, Resource

JSON = dict[str, Any]

WALKED = {
    "certificatesigningrequests.v1.certificates.k8s.io",
    "configmaps.v1",
    "cronjobs.v1.batch",
    "csidrivers.v1.storage.k8s.io",
    "csinodes.v1.storage.k8s.io",
    "csistoragecapacities.v1.storage.k8s.io",
    "deviceclasses.v1.resource.k8s.io",
    "endpointslices.v1.discovery.k8s.io",
    "events.v1",
    "events.v1.events.k8s.io",
    "flowschemas.v1.flowcontrol.apiserver.k8s.io",
    "ingressclasses.v1.networking.k8s.io",
    "ingresses.v1.networking.k8s.io",
    "leases.v1.coordination.k8s.io",
    "limitranges.v1",
    "mutatingadmissionpolicies.v1.admissionregistration.k8s.io",
    "mutatingadmissionpolicybindings.v1.admissionregistration.k8s.io",
    "poddisruptionbudgets.v1.policy",
    "podtemplates.v1",
    "priorityclasses.v1.scheduling.k8s.io",
    "prioritylevelconfigurations.v1.flowcontrol.apiserver.k8s.io",
    "resourceclaims.v1.resource.k8s.io",
    "resourceclaimtemplates.v1.resource.k8s.io",
    "resourcequotas.v1",
    "resourceslices.v1.resource.k8s.io",
    "runtimeclasses.v1.node.k8s.io",
    "secrets.v1",
    "servicecidrs.v1.networking.k8s.io",
    "services.v1",
    "storageclasses.v1.storage.k8s.io",
    "validatingadmissionpolicies.v1.admissionregistration.k8s.io",
    "validatingadmissionpolicybindings.v1.admissionregistration.k8s.io",
    "volumeattachments.v1.storage.k8s.io",
    "volumeattributesclasses.v1.storage.k8s.io",
}
CONDITION: JSON = {"type": "Seen", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": None}
TIME = "2026-01-02T03:04:05Z"
STATUS: dict[str, JSON] = {
    "CronJob": {"lastScheduleTime": TIME},
    "FlowSchema": {"conditions": [{**CONDITION, "lastTransitionTime": TIME}]},
    "PriorityLevelConfiguration": {"conditions": [{**CONDITION, "lastTransitionTime": TIME}]},
    "CertificateSigningRequest": {"conditions": [{**CONDITION, "lastUpdateTime": TIME, "lastTransitionTime": TIME}]},
    "Ingress": {"loadBalancer": {"ingress": [{"ip": "192.0.2.5"}]}},
    "PodDisruptionBudget": {
        "currentHealthy": 1, "desiredHealthy": 1, "disruptionsAllowed": 0, "expectedPods": 1,
        "conditions": [{**CONDITION, "lastTransitionTime": TIME}],
    },
    "ResourceClaim": {
        "allocation": {
            "devices": {"results": [{"request": "r", "driver": "example.com", "pool": "p", "device": "d"}]}
        },
        "reservedFor": [{"resource": "pods", "name": "p", "uid": "u"}],
    },
    "Service": {"loadBalancer": {"ingress": [{"ip": "192.0.2.5", "ipMode": "VIP"}]}},
    "ServiceCIDR": {"conditions": [{**CONDITION, "lastTransitionTime": TIME}]},
    "ValidatingAdmissionPolicy": {"conditions": [{**CONDITION, "lastTransitionTime": TIME}]},
    "VolumeAttachment": {"attached": True},
}  # fmt: skip
"""What is written through the door of the status."""
APART = {
    "FlowSchema", "PriorityLevelConfiguration", "ResourceClaim", "ValidatingAdmissionPolicy", "VolumeAttachment",
}  # fmt: skip
"""Kinds whose door of the status changes no metadata."""
SPEC: dict[str, JSON] = {
    "ResourceClaim": {"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "gpu"}}]}},
    "Service": {"type": "LoadBalancer"},
}
"""What the status stands on."""
ROWS = [row for row in RESOURCES if row.versioned in WALKED]


def test_every_name_is_a_row() -> None:
    assert {row.versioned for row in ROWS} == WALKED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.versioned)
async def test_its_operations(api: Api, row: Resource) -> None:
    await discovered(api, row)
    collection, every = row.path("ns"), row.path(None)
    chosen = {"labelSelector": "walk=on"}
    path = f"{collection}/{name_of(row)}"
    for letter in ("x", "y", "z"):
        await api.create(collection, body_of(row, letter, "on"))
    await api.create(collection, body_of(row, "w", "off"))

    read = good(await api.get(path))
    listed = good(await api.get(collection, **chosen))
    assert sorted(names(listed)) == sorted(name_of(row, letter) for letter in ("x", "y", "z"))
    assert names(good(await api.get(every, **chosen))) == names(listed)
    watch = await api.watch(every, resourceVersion=listed["metadata"]["resourceVersion"], **chosen)

    patched = good(await api.patch(path, {"metadata": {"annotations": {"patched": "true"}}}))
    assert patched["metadata"]["uid"] == read["metadata"]["uid"]
    assert int(patched["metadata"]["resourceVersion"]) > int(read["metadata"]["resourceVersion"])
    await expect(watch, "MODIFIED", patched="true")
    patched["metadata"]["annotations"]["updated"] = "true"
    good(await api.put(path, patched))
    await expect(watch, "MODIFIED", patched="true", updated="true")
    if "status" in row.subresources:
        await status(api, path, row)
        version = good(await api.get(path))["metadata"]["resourceVersion"]
        while (await watch.next())[1]["metadata"]["resourceVersion"] != version:
            pass

    good(await api.delete(path))
    assert await watch.names(1) == [("DELETED", name_of(row))]
    assert (await api.get(path)).status == 404
    good(await api.delete(collection, **chosen))
    assert names(good(await api.get(every, labelSelector="walk"))) == [name_of(row, "w")]


def body_of(row: Resource, letter: str, walk: str) -> JSON:
    body = manifest(row, name_of(row, letter), {"walk": walk})
    return {**body, "spec": {**body["spec"], **SPEC[row.kind]}} if row.kind in SPEC else body


async def discovered(api: Api, row: Resource) -> None:
    if row.group:
        groups = {group["name"]: group for group in good(await api.get("/apis"))["groups"]}
        assert {"groupVersion": row.api_version, "version": row.version} in groups[row.group]["versions"]
        assert row.version in [v["version"] for v in good(await api.get(f"/apis/{row.group}"))["versions"]]
    served = {entry["name"]: entry for entry in good(await api.get(row.base_path))["resources"]}
    assert (served[row.plural]["kind"], served[row.plural]["namespaced"]) == (row.kind, row.namespaced)
    assert set(row.verbs) <= set(served[row.plural]["verbs"])
    if "status" in row.subresources:
        assert set(served[f"{row.plural}/status"]["verbs"]) == {"get", "patch", "update"}


async def status(api: Api, path: str, row: Resource) -> None:
    door, written = f"{path}/status", STATUS.get(row.kind, {})
    shown = good(await api.get(door))
    assert (shown["kind"], shown["metadata"]["name"]) == (row.kind, name_of(row))
    body = {"metadata": {"annotations": {"statusPatched": "true"}}, "status": written}
    patched = good(await api.patch(door, body))
    assert {name: patched["status"].get(name) for name in written} == written
    assert patched["metadata"]["annotations"].get("statusPatched") == ("true" if row.kind not in APART else None)
    patched["metadata"]["annotations"]["statusUpdated"] = "true"
    updated = good(await api.put(door, patched))
    assert {name: updated["status"].get(name) for name in written} == written
    assert updated.get("spec") == shown.get("spec")
