"""Storage and devices through a whole server: default classes, protection, what a deletion answers, selection."""

from __future__ import annotations

from typing import Any

from api_client import Api

JSON = dict[str, Any]
CLAIMS, VOLUMES = "/api/v1/namespaces/ns/persistentvolumeclaims", "/api/v1/persistentvolumes"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
DEVICES = "/apis/resource.k8s.io/v1"
DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
ASKED: JSON = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


async def test_a_claim_gets_the_default_class_and_stays_protected(api: Api) -> None:
    await api.create(CLASSES, {"metadata": {"name": "fast", "annotations": DEFAULT}, "provisioner": "example.com/p"})
    made = await api.create(CLAIMS, {"metadata": {"name": "c"}, "spec": ASKED})
    assert made["spec"]["storageClassName"] == "fast"
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    gone = await api.delete(f"{CLAIMS}/c")
    assert (gone.body["kind"], gone.body["metadata"]["deletionGracePeriodSeconds"]) == ("PersistentVolumeClaim", 0)
    assert (await api.patch(f"{CLAIMS}/c", {"metadata": {"finalizers": None}})).status == 200
    assert (await api.get(f"{CLAIMS}/c")).status == 404


async def test_a_claim_grows_only_while_it_is_bound_and_where_its_class_allows_it(api: Api) -> None:
    fixed = {"metadata": {"name": "c"}, "provisioner": "example.com/p"}
    await api.create(CLASSES, fixed)
    await api.create(CLAIMS, {"metadata": {"name": "c"}, "spec": {**ASKED, "storageClassName": "c"}})
    more = {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}
    assert (await api.patch(f"{CLAIMS}/c", more)).status == 422
    bound = {"status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}}
    assert (await api.patch(f"{CLAIMS}/c/status", bound)).body["status"]["phase"] == "Bound"
    assert (await api.patch(f"{CLAIMS}/c", more)).status == 403
    assert (await api.patch(f"{CLASSES}/c", {"allowVolumeExpansion": True})).status == 200
    assert (await api.patch(f"{CLAIMS}/c", more)).body["spec"]["resources"]["requests"] == {"storage": "2Gi"}


async def test_a_class_answers_its_deletion_with_itself(api: Api) -> None:
    await api.create(CLASSES, {"metadata": {"name": "fast"}, "provisioner": "example.com/p"})
    gone = await api.delete(f"{CLASSES}/fast")
    assert (gone.status, gone.body["kind"], gone.body["provisioner"]) == (200, "StorageClass", "example.com/p")


async def test_slices_are_selected_by_node_and_driver(api: Api) -> None:
    for name, node, driver in (("a", "n", "x.test"), ("b", "n", "y.test"), ("c", "m", "x.test")):
        pool = {"name": name, "generation": 1, "resourceSliceCount": 1}
        spec = {"driver": driver, "nodeName": node, "pool": pool}
        await api.create(f"{DEVICES}/resourceslices", {"metadata": {"name": name}, "spec": spec})
    found = (await api.get(f"{DEVICES}/resourceslices", fieldSelector="spec.nodeName=n,spec.driver=x.test")).body
    assert [item["metadata"]["name"] for item in found["items"]] == ["a"]


async def test_devices_are_allocated_through_the_status(api: Api) -> None:
    claims = f"{DEVICES}/namespaces/ns/resourceclaims"
    request = {"name": "r", "exactly": {"deviceClassName": "gpu"}}
    await api.create(claims, {"metadata": {"name": "c"}, "spec": {"devices": {"requests": [request]}}})
    device = {"driver": "x.test", "pool": "n", "device": "d"}
    allocation = {"devices": {"results": [{"request": "r", **device}]}}
    pod = {"resource": "pods", "name": "p", "uid": "u"}
    given = await api.patch(f"{claims}/c/status", {"status": {"allocation": allocation, "reservedFor": [pod]}})
    assert given.status == 200, given
    table = await api.get(f"{claims}/c", headers={"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})
    assert table.body["rows"][0]["cells"][:2] == ["c", "allocated,reserved"]
    changed = await api.patch(f"{claims}/c", {"spec": {"devices": {"requests": []}}})
    assert (changed.status, "field is immutable" in changed.body["message"]) == (422, True)


async def test_admin_access_needs_a_namespace_for_it(api: Api) -> None:
    claims = f"{DEVICES}/namespaces/ns/resourceclaims"
    request = {"name": "r", "exactly": {"deviceClassName": "gpu", "adminAccess": True}}
    body = {"metadata": {"name": "c"}, "spec": {"devices": {"requests": [request]}}}
    assert (await api.post(claims, body)).status == 422
    label = {"metadata": {"labels": {"resource.kubernetes.io/admin-access": "true"}}}
    assert (await api.patch("/api/v1/namespaces/ns", label)).status == 200
    assert (await api.post(claims, body)).status == 201
