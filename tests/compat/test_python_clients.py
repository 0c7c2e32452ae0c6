"""Python clients that people build on: the generated one, its dynamic half, kr8s, and an operator made with kopf."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import kubernetes.client
import kubernetes.config
import kubernetes.dynamic
import kubernetes.watch
import pytest
from clients import Cluster
from kubernetes.client import (
    AppsV1Api,
    CoreV1Api,
    V1ConfigMap,
    V1Container,
    V1Deployment,
    V1DeploymentSpec,
    V1LabelSelector,
    V1ObjectMeta,
    V1PodSpec,
    V1PodTemplateSpec,
)

JSON = dict[str, Any]


@pytest.fixture(params=["admin@compat", "token"])
def api(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[kubernetes.client.ApiClient]:
    """The generated client, known by certificate and by token."""
    found = kubernetes.config.new_client_from_config(str(cluster.kubeconfig), context=request.param)
    with found:
        yield found
        found.rest_client.pool_manager.clear()


def deployment(name: str, replicas: int) -> V1Deployment:
    labels = {"app": name}
    return V1Deployment(
        metadata=V1ObjectMeta(name=name),
        spec=V1DeploymentSpec(
            replicas=replicas,
            selector=V1LabelSelector(match_labels=labels),
            template=V1PodTemplateSpec(
                metadata=V1ObjectMeta(labels=labels),
                spec=V1PodSpec(containers=[V1Container(name="c", image="c:1")]),
            ),
        ),
    )


def test_typed_client(api: kubernetes.client.ApiClient, namespace: str) -> None:
    core, apps = CoreV1Api(api), AppsV1Api(api)

    core.create_namespaced_config_map(namespace, V1ConfigMap(metadata=V1ObjectMeta(name="one"), data={"a": "1"}))
    found = core.patch_namespaced_config_map("one", namespace, {"data": {"b": "2"}})
    assert found.data == {"a": "1", "b": "2"}
    found.data = {"c": "3"}
    assert core.replace_namespaced_config_map("one", namespace, found).data == {"c": "3"}
    with pytest.raises(kubernetes.client.ApiException) as conflict:
        core.replace_namespaced_config_map("one", namespace, found)
    assert (conflict.value.status, conflict.value.reason) == (409, "Conflict")

    made = apps.create_namespaced_deployment(namespace, deployment("web", 2))
    assert made.spec.strategy.rolling_update.max_surge == "25%"
    apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 3}})
    with closing(kubernetes.watch.Watch().stream(apps.list_namespaced_deployment, namespace)) as events:
        for event in events:
            if event["object"].status.ready_replicas == 3:
                break
    pods = core.list_namespaced_pod(namespace, label_selector="app=web").items
    assert [p.status.phase for p in pods] == ["Running"] * 3
    assert all(p.status.start_time.tzinfo is not None for p in pods)

    page = core.list_namespaced_pod(namespace, limit=2)
    rest = core.list_namespaced_pod(namespace, limit=2, _continue=page.metadata._continue)
    assert len(page.items) + len(rest.items) == 3
    apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")
    with closing(kubernetes.watch.Watch().stream(core.list_namespaced_pod, namespace)) as events:
        for event in events:
            if event["type"] == "DELETED" and not core.list_namespaced_pod(namespace).items:
                break
    with pytest.raises(kubernetes.client.ApiException) as missing:
        core.read_namespaced_pod("nothing", namespace)
    assert missing.value.status == 404


def test_dynamic_client(api: kubernetes.client.ApiClient, namespace: str, tmp_path: Path) -> None:
    dynamic = kubernetes.dynamic.DynamicClient(api, cache_file=str(tmp_path / "discovery"))
    pods = dynamic.resources.get(api_version="v1", kind="Pod")
    deployments = dynamic.resources.get(api_version="apps/v1", kind="Deployment")
    assert {r.kind for r in dynamic.resources.search(group="apps")} >= {"Deployment", "ReplicaSet"}

    body = api.sanitize_for_serialization(deployment("web", 1)) | {"apiVersion": "apps/v1", "kind": "Deployment"}
    deployments.create(body=body, namespace=namespace)
    with closing(pods.watch(namespace=namespace)) as events:
        for event in events:
            if event["object"].status.phase == "Running":
                break
    assert [p.metadata.labels["app"] for p in pods.get(namespace=namespace).items] == ["web"]
    deployments.patch(
        name="web", namespace=namespace, body={"spec": {"replicas": 0}}, content_type="application/merge-patch+json"
    )
    assert deployments.get(name="web", namespace=namespace).spec.replicas == 0
    deployments.delete(name="web", namespace=namespace)
    with pytest.raises(kubernetes.dynamic.exceptions.NotFoundError):
        deployments.get(name="web", namespace=namespace)


@pytest.fixture
async def kr8s_api(cluster: Cluster, namespace: str) -> AsyncIterator[Any]:
    """A kr8s client in the namespace."""
    import kr8s.asyncio

    api = await kr8s.asyncio.api(kubeconfig=str(cluster.kubeconfig), namespace=namespace)
    yield api
    await api._session.aclose()


@pytest.mark.filterwarnings("ignore:Kubernetes version")  # newer than the client knows
async def test_kr8s(kr8s_api: Any, namespace: str) -> None:
    from kr8s.asyncio.objects import ConfigMap, Deployment

    spec = kubernetes.client.ApiClient().sanitize_for_serialization(deployment("web", 2))
    web = await Deployment(spec | {"apiVersion": "apps/v1", "kind": "Deployment"}, namespace=namespace, api=kr8s_api)
    await web.create()
    await web.wait("condition=Available", timeout=30)
    assert await web.ready()
    assert len(await web.pods()) == 2
    await web.scale(3)
    assert (await Deployment.get("web", namespace=namespace, api=kr8s_api)).replicas == 3

    one = await ConfigMap({"metadata": {"name": "one"}, "data": {"a": "1"}}, namespace=namespace, api=kr8s_api)
    await one.create()
    await one.patch({"data": {"b": "2"}})
    await one.label(x="y")
    names = [c.name async for c in kr8s_api.get("configmaps", namespace=namespace, label_selector={"x": "y"})]
    assert names == ["one"]
    async for kind, obj in kr8s_api.watch("configmaps", namespace=namespace):
        if obj.name == "one" and kind == "ADDED":
            await one.delete()
        if obj.name == "one" and kind == "DELETED":
            break
    assert not await one.exists()


async def test_kopf_operator(cluster: Cluster, namespace: str, caplog: pytest.LogCaptureFixture) -> None:
    """An operator on a built-in kind: for each labelled ConfigMap it keeps a Secret and holds on by a finalizer."""
    import kopf

    caplog.set_level(logging.WARNING)
    registry = kopf.OperatorRegistry()
    seen: list[str] = []

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(
            server=cluster.url, token="admin-token", ca_path=str(cluster.folder / "pki" / "ca.crt"), expiration=None
        )

    @kopf.on.startup(registry=registry)
    def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        settings.posting.level = logging.INFO
        settings.persistence.finalizer = "compat.podwright.dev/operator"

    @kopf.on.create("configmaps", labels={"operated": "yes"}, registry=registry)
    async def created(name: str, **_: Any) -> JSON:
        seen.append("created")
        secret = {"metadata": {"name": f"of-{name}"}}
        await asyncio.to_thread(cluster.api, "POST", f"/api/v1/namespaces/{namespace}/secrets", secret)
        return {}

    @kopf.on.update("configmaps", labels={"operated": "yes"}, field="data.a", registry=registry)
    def updated(old: Any, new: Any, **_: Any) -> None:
        seen.append(f"{old} to {new}")

    @kopf.on.delete("configmaps", labels={"operated": "yes"}, registry=registry)
    async def deleted(name: str, **_: Any) -> None:
        seen.append("deleted")
        await asyncio.to_thread(cluster.api, "DELETE", f"/api/v1/namespaces/{namespace}/secrets/of-{name}")

    stop, ready = threading.Event(), threading.Event()
    path = f"/api/v1/namespaces/{namespace}/configmaps"

    def drive() -> None:
        """What a user does meanwhile."""
        assert ready.wait(30)
        cluster.api("POST", path, {"metadata": {"name": "one", "labels": {"operated": "yes"}}, "data": {"a": "1"}})
        _until(lambda: "created" in seen)
        _until(lambda: "kopf.zalando.org/last-handled-configuration" in _annotations(cluster, path))
        cluster.api("PATCH", f"{path}/one", {"data": {"a": "2"}}, "application/merge-patch+json")
        _until(lambda: "1 to 2" in seen)
        cluster.api("DELETE", f"{path}/one")
        _until(lambda: not [c for c in cluster.api("GET", path)["items"] if c["metadata"]["name"] == "one"])

    async def operate() -> None:
        await kopf.operator(
            registry=registry,
            namespaces=[namespace],
            standalone=True,
            stop_flag=stop,
            ready_flag=ready,
            memo=kopf.Memo(),
        )

    operator = asyncio.create_task(operate())
    try:
        await asyncio.to_thread(drive)
    finally:
        stop.set()
        with contextlib.suppress(asyncio.CancelledError):
            await operator

    assert seen == ["created", "1 to 2", "deleted"]
    assert cluster.api("GET", f"/api/v1/namespaces/{namespace}/secrets")["items"] == []


def _annotations(cluster: Cluster, path: str) -> JSON:
    return cluster.api("GET", f"{path}/one")["metadata"].get("annotations") or {}


def _until(condition: Any) -> None:
    """Wait for it; the test's own timeout is the bound."""
    while not condition():
        threading.Event().wait(0.02)
