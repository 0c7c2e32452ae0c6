"""Python clients on a kind of their own: the generated client and its dynamic half, kr8s, and an operator of kopf."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import kubernetes.client
import kubernetes.config
import kubernetes.dynamic
import kubernetes.watch
import pytest
from clients import Cluster

JSON = dict[str, Any]
GROUP, PLURAL = "python.example.com", "machines"
FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
SPEC = {
    "type": "object", "required": ["size"],
    "properties": {"size": {"type": "integer", "minimum": 1}, "color": {"type": "string", "default": "red"}},
}  # fmt: skip
DEFINITION: JSON = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"{PLURAL}.{GROUP}"},
    "spec": {
        "group": GROUP, "scope": "Namespaced", "names": {"plural": PLURAL, "kind": "Machine", "shortNames": ["mc"]},
        "versions": [{
            "name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC, "status": FREE}}},
        }],
    },
}  # fmt: skip


def machine(name: str, **spec: Any) -> JSON:
    return {"apiVersion": f"{GROUP}/v1", "kind": "Machine", "metadata": {"name": name}, "spec": {"size": 1, **spec}}


@pytest.fixture(scope="module")
def api(cluster: Cluster) -> Iterator[kubernetes.client.ApiClient]:
    """The generated client; Machines are defined and served as long as the tests of this file."""
    with kubernetes.config.new_client_from_config(str(cluster.kubeconfig)) as found:
        definitions = kubernetes.client.ApiextensionsV1Api(found)
        definitions.create_custom_resource_definition(DEFINITION)
        name = DEFINITION["metadata"]["name"]

        def established() -> bool:
            conditions = definitions.read_custom_resource_definition(name).status.conditions or ()
            return any(c.type == "Established" and c.status == "True" for c in conditions)

        _until(established)
        yield found
        definitions.delete_custom_resource_definition(name)
        found.rest_client.pool_manager.clear()


def test_the_generated_client(api: kubernetes.client.ApiClient, namespace: str) -> None:
    custom = kubernetes.client.CustomObjectsApi(api)
    place = (GROUP, "v1", namespace, PLURAL)
    made = custom.create_namespaced_custom_object(*place, machine("one"))
    assert made["spec"] == {"size": 1, "color": "red"}
    patched = custom.patch_namespaced_custom_object(*place, "one", {"spec": {"color": "green"}})
    assert (patched["spec"]["color"], patched["metadata"]["generation"]) == ("green", 2)
    patched["spec"]["size"] = 7
    replaced = custom.replace_namespaced_custom_object(*place, "one", patched)
    with pytest.raises(kubernetes.client.ApiException) as conflict:
        custom.replace_namespaced_custom_object(*place, "one", patched)
    assert conflict.value.status == 409
    replaced["status"] = {"phase": "Up"}
    custom.replace_namespaced_custom_object_status(*place, "one", replaced)
    found = custom.get_namespaced_custom_object(*place, "one")
    assert (found["spec"]["size"], found["status"]) == (7, {"phase": "Up"})
    with pytest.raises(kubernetes.client.ApiException) as invalid:
        custom.create_namespaced_custom_object(*place, machine("bad", size=0))
    assert invalid.value.status == 422
    assert "spec.size in body should be greater than or equal to 1" in invalid.value.body
    custom.delete_namespaced_custom_object(*place, "one")
    assert custom.list_namespaced_custom_object(*place)["items"] == []


def test_the_dynamic_client(api: kubernetes.client.ApiClient, namespace: str, tmp_path: Path) -> None:
    dynamic = kubernetes.dynamic.DynamicClient(api, cache_file=str(tmp_path / "discovery"))
    machines = dynamic.resources.get(api_version=f"{GROUP}/v1", kind="Machine")
    applied = machines.server_side_apply(
        namespace=namespace, body=machine("one"), field_manager="first", force_conflicts=False
    )
    assert applied.metadata.managedFields[0].to_dict()["operation"] == "Apply"
    with pytest.raises(kubernetes.dynamic.exceptions.ConflictError):
        machines.server_side_apply(
            namespace=namespace, body=machine("one", size=2), field_manager="second", force_conflicts=False
        )
    machines.server_side_apply(
        namespace=namespace, body=machine("one", size=3), field_manager="second", force_conflicts=True
    )
    seen = []
    with closing(machines.watch(namespace=namespace)) as events:
        for event in events:
            seen.append((event["type"], event["object"].spec.size))
            if event["type"] == "ADDED":
                machines.patch(
                    name="one", namespace=namespace, body={"spec": {"size": 4}},
                    content_type="application/merge-patch+json",
                )  # fmt: skip
            elif event["type"] == "MODIFIED":
                machines.delete(name="one", namespace=namespace)
            else:
                break
    assert seen == [("ADDED", 3), ("MODIFIED", 4), ("DELETED", 4)]


@pytest.mark.filterwarnings("ignore:Kubernetes version")  # newer than the client knows
async def test_kr8s(cluster: Cluster, api: kubernetes.client.ApiClient, namespace: str) -> None:
    import kr8s.asyncio
    from kr8s.asyncio.objects import APIObject, Job, StatefulSet

    class Machine(APIObject):
        version = f"{GROUP}/v1"
        endpoint = PLURAL
        kind = "Machine"
        plural = PLURAL
        singular = "machine"
        namespaced = True

    client = await kr8s.asyncio.api(kubeconfig=str(cluster.kubeconfig), namespace=namespace)
    try:
        one = await Machine(machine("one"), namespace=namespace, api=client)
        await one.create()
        await one.patch({"spec": {"size": 2}})
        await one.patch({"status": {"phase": "Up"}}, subresource="status")
        await one.refresh()
        assert (one.spec.size, one.status.phase) == (2, "Up")
        await one.wait("jsonpath='{.status.phase}'=Up", timeout=10)
        assert [found.name async for found in client.get(f"{PLURAL}.{GROUP}", namespace=namespace)] == ["one"]
        await one.delete()
        assert not await one.exists()
        pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}
        job = await Job(
            {"metadata": {"name": "j"}, "spec": {"template": {"spec": pod}}}, namespace=namespace, api=client
        )
        await job.create()
        assert (await Job.get("j", namespace=namespace, api=client)).spec.backoffLimit == 6
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": pod["containers"]}}
        spec = {"serviceName": "s", "selector": {"matchLabels": {"a": "b"}}, "template": template, "replicas": 0}
        stateful = await StatefulSet({"metadata": {"name": "s"}, "spec": spec}, namespace=namespace, api=client)
        await stateful.create()
        await stateful.delete()
    finally:
        await client._session.aclose()


async def test_an_operator(
    cluster: Cluster, api: kubernetes.client.ApiClient, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It makes a ConfigMap for each Machine, tells the status, looks again by a timer, and is waited for at the end."""
    import kopf

    caplog.set_level(logging.WARNING)
    registry = kopf.OperatorRegistry()
    machines = f"/apis/{GROUP}/v1/namespaces/{namespace}/{PLURAL}"
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    ticks, may_end, ended = [], threading.Event(), []

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(
            server=cluster.url, token="admin-token", ca_path=str(cluster.folder / "pki" / "ca.crt"), expiration=None
        )

    @kopf.on.startup(registry=registry)
    def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        settings.posting.enabled = False
        settings.persistence.finalizer = f"{GROUP}/operator"

    @kopf.on.create(GROUP, "v1", PLURAL, id="created", registry=registry)
    async def created(name: str, spec: kopf.Spec, patch: kopf.Patch, **_: Any) -> JSON:
        body = {"metadata": {"name": f"of-{name}"}, "data": {"size": str(spec["size"])}}
        kopf.adopt(body)
        await asyncio.to_thread(cluster.api, "POST", maps, body)
        patch.status["phase"] = "Ready"
        return {"size": spec["size"]}

    @kopf.on.update(GROUP, "v1", PLURAL, field="spec.size", registry=registry)
    def resized(new: int, patch: kopf.Patch, **_: Any) -> None:
        patch.status["size"] = new

    @kopf.timer(GROUP, "v1", PLURAL, interval=0.2, registry=registry)
    def look(name: str, **_: Any) -> None:
        ticks.append(name)

    @kopf.on.delete(GROUP, "v1", PLURAL, registry=registry)
    async def deleted(name: str, **_: Any) -> None:
        await asyncio.to_thread(may_end.wait, 30)
        ended.append(name)

    stop, ready = threading.Event(), threading.Event()

    def shown() -> JSON:
        return cluster.api("GET", f"{machines}/one")

    def drive() -> None:
        """What a user does meanwhile."""
        assert ready.wait(30)
        cluster.api("POST", machines, machine("one"))
        _until(lambda: shown().get("status", {}).get("phase") == "Ready")
        assert shown()["status"] == {"phase": "Ready", "created": {"size": 1}}
        assert shown()["metadata"]["finalizers"] == [f"{GROUP}/operator"]
        owned = cluster.api("GET", f"{maps}/of-one")["metadata"]["ownerReferences"]
        assert [reference["uid"] for reference in owned] == [shown()["metadata"]["uid"]]
        _until(lambda: len(ticks) >= 2)
        cluster.api("PATCH", f"{machines}/one", {"spec": {"size": 5}}, "application/merge-patch+json")
        _until(lambda: shown()["status"].get("size") == 5)
        cluster.api("DELETE", f"{machines}/one")
        assert shown()["metadata"]["deletionTimestamp"]
        assert ended == []
        may_end.set()
        _until(lambda: not cluster.api("GET", machines)["items"])
        _until(lambda: "of-one" not in [i["metadata"]["name"] for i in cluster.api("GET", maps)["items"]])

    running = kopf.operator(
        registry=registry, namespaces=[namespace], standalone=True, stop_flag=stop, ready_flag=ready, memo=kopf.Memo()
    )
    operator = asyncio.create_task(running)
    try:
        await asyncio.to_thread(drive)
    finally:
        may_end.set()
        stop.set()
        with contextlib.suppress(asyncio.CancelledError):
            await operator
    assert ended == ["one"]


def _until(condition: Any) -> None:
    """Wait for it; the test's own timeout is the bound."""
    while not condition():
        threading.Event().wait(0.02)
