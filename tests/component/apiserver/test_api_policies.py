"""Limit ranges, runtime classes and levels of requests through a whole server."""

from __future__ import annotations

from typing import Any

from api_client import PODS, Api, pod

JSON = dict[str, Any]
RANGES = "/api/v1/namespaces/ns/limitranges"
CLASSES = "/apis/node.k8s.io/v1/runtimeclasses"
FLOWS = "/apis/flowcontrol.apiserver.k8s.io/v1"


async def ranged(api: Api, **limit: JSON) -> None:
    spec = {"limits": [{"type": "Container", **limit}]}
    await api.create(RANGES, {"metadata": {"name": "lr"}, "spec": spec})


async def test_a_pods_class_of_service_follows_from_the_defaults_it_got(api: Api) -> None:
    assert (await api.create(PODS, pod("before")))["status"]["qosClass"] == "BestEffort"
    await ranged(api, default={"cpu": "500m", "memory": "64Mi"})
    made = await api.create(PODS, pod("after"))
    amounts = {"cpu": "500m", "memory": "64Mi"}
    assert made["spec"]["containers"][0]["resources"] == {"limits": amounts, "requests": amounts}
    assert made["status"]["qosClass"] == "Guaranteed"
    assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"].startswith(
        "LimitRanger plugin set: cpu, memory"
    )


async def test_bounds_hold_when_a_pod_is_made_and_resized(api: Api) -> None:
    await ranged(api, max={"cpu": "1"}, defaultRequest={"cpu": "100m"})
    large = pod("large")
    large["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "2"}}
    refused = await api.post(PODS, large)
    assert (refused.status, "maximum cpu usage per Container is 1, but limit is 2" in refused.message) == (403, True)
    await api.create(PODS, pod("p"))
    body = {"spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": "3"}, "requests": {"cpu": "3"}}}]}}
    resized = await api.patch(f"{PODS}/p/resize", body, "strategic")
    assert (resized.status, "but limit is 3" in resized.message) == (403, True), resized
    assert (await api.patch(f"{PODS}/p", {"metadata": {"labels": {"a": "b"}}})).status == 200


async def test_volume_claims_are_bounded_too(api: Api) -> None:
    limits = [{"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}, "min": {"storage": "1Mi"}}]
    await api.create(RANGES, {"metadata": {"name": "lr"}, "spec": {"limits": limits}})
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}
    refused = await api.post("/api/v1/namespaces/ns/persistentvolumeclaims", {"metadata": {"name": "c"}, "spec": spec})
    words = "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi"
    assert (refused.status, words in refused.message) == (403, True), refused


async def test_a_runtime_class_is_merged_and_must_exist(api: Api) -> None:
    scheduling = {"nodeSelector": {"kind": "sandboxed"}, "tolerations": [{"key": "k", "operator": "Exists"}]}
    overhead = {"podFixed": {"cpu": "0.25", "memory": "64Mi"}}
    body = {"metadata": {"name": "rc"}, "handler": "h", "overhead": overhead, "scheduling": scheduling}
    await api.create(CLASSES, body)
    spec = (await api.create(PODS, pod("p", runtimeClassName="rc")))["spec"]
    assert spec["overhead"] == {"cpu": "250m", "memory": "64Mi"}
    assert spec["nodeSelector"] == {"kind": "sandboxed"}
    assert scheduling["tolerations"][0] in spec["tolerations"]
    await api.delete(f"{CLASSES}/rc")
    refused = await api.post(PODS, pod("q", runtimeClassName="rc"))
    assert (refused.status, refused.message) == (
        403,
        'pods "q" is forbidden: pod rejected: RuntimeClass "rc" not found',
    )
    assert (await api.post(PODS, pod("q", overhead={"cpu": "1"}))).status == 403


async def test_pods_with_unknown_kernel_settings_are_refused(api: Api) -> None:
    settings = [{"name": name, "value": "1"} for name in ("foo-", "kernel.shmmax", "safe-and-unsafe", "bar..")]
    answer = await api.post(PODS, pod("p", securityContext={"sysctls": settings}))
    assert answer.status == 422
    assert 'sysctls[0].name: Invalid value: "foo-"' in answer.message
    assert "sysctls[2].name: Invalid value" not in answer.message
    assert 'sysctls[3].name: Invalid value: "bar.."' in answer.message


async def test_every_cluster_has_levels_of_requests(api: Api) -> None:
    levels = (await api.get(f"{FLOWS}/prioritylevelconfigurations")).body["items"]
    schemas = (await api.get(f"{FLOWS}/flowschemas")).body["items"]
    names = {level["metadata"]["name"] for level in levels}
    assert {"exempt", "catch-all", "global-default", "system", "workload-low"} <= names
    assert {schema["spec"]["priorityLevelConfiguration"]["name"] for schema in schemas} <= names
    assert all(item["metadata"]["annotations"]["apf.kubernetes.io/autoupdate-spec"] == "true" for item in levels)


async def test_a_status_of_a_level_is_written_apart(api: Api) -> None:
    body = {"spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}, "metadata": {"name": "x"}}
    await api.create(f"{FLOWS}/prioritylevelconfigurations", body)
    condition = {"type": "Seen", "status": "True", "reason": "R", "message": "m"}
    path = f"{FLOWS}/prioritylevelconfigurations/x/status"
    answer = await api.patch(path, {"status": {"conditions": [condition]}}, "strategic")
    assert answer.body["status"]["conditions"][0] | {"lastTransitionTime": None} == condition | {
        "lastTransitionTime": None
    }
    twice = await api.patch(path, {"status": {"conditions": [condition, condition]}})
    assert (twice.status, "status.conditions[1].type: Duplicate value" in twice.message) == (422, True)
