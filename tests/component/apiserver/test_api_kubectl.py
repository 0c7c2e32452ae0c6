"""The real kubectl against a server on loopback."""

import asyncio
import json
import shutil

import pytest
from tls_files import kubectl

pytestmark = [
    pytest.mark.kubectl,
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed"),
]

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, image: "registry.local/web:1", ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {k: v}
"""


@pytest.fixture
async def run(https):
    """Run kubectl; returns its output, or with fails=True what it says on stderr."""
    config = https.kubeconfig()

    async def call(*arguments, stdin=None, fails=False):
        code, out, err = await asyncio.to_thread(kubectl, config, *arguments, stdin=stdin)
        assert (code != 0) is fails, (arguments, code, out, err)
        return err if fails else out

    await https.api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    return call


async def test_apply_change_and_delete(run):
    assert (await run("apply", "-f", "-", stdin=WEB)).splitlines() == [
        "deployment.apps/web created", "service/web created", "configmap/web created",
    ]  # fmt: skip
    assert all(line.endswith(" unchanged") for line in (await run("apply", "-f", "-", stdin=WEB)).splitlines())
    changed = await run("apply", "-f", "-", stdin=WEB.replace("replicas: 2", "replicas: 3"))
    assert "deployment.apps/web configured" in changed
    assert await run("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "3"
    assert "web" in await run("get", "all")
    header, row = (await run("get", "deployments", "-o", "wide")).splitlines()
    assert header.split()[:4] == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE"]
    assert row.split()[:2] == ["web", "0/3"]
    assert "Replicas:" in await run("describe", "deployment", "web")
    assert (await run("delete", "-f", "-", stdin=WEB)).count("deleted") == 3
    assert "not found" in await run("get", "deployment", "web", fails=True)


async def test_scale_label_annotate_and_patch(run):
    await run("create", "deployment", "d", "--image=registry.local/img:1")
    await run("scale", "deployment", "d", "--replicas=4")
    await run("label", "deployment", "d", "tier=web")
    await run("annotate", "deployment", "d", "note=hello")
    await run("patch", "deployment", "d", "-p", '{"spec":{"minReadySeconds":3}}')
    await run("patch", "deployment", "d", "--type=json", "-p", '[{"op":"add","path":"/spec/paused","value":true}]')
    obj = json.loads(await run("get", "deployment", "d", "-o", "json"))
    assert (obj["spec"]["replicas"], obj["spec"]["minReadySeconds"], obj["spec"]["paused"]) == (4, 3, True)
    assert (obj["metadata"]["labels"]["tier"], obj["metadata"]["annotations"]["note"]) == ("web", "hello")
    assert "d" in await run("get", "deployments", "-l", "tier=web")
    assert "already has a value" in await run("label", "deployment", "d", "tier=db", fails=True)


async def test_discovery_and_documents(run):
    resources = await run("api-resources", "-o", "name")
    assert {"pods", "deployments.apps", "leases.coordination.k8s.io"} <= set(resources.split())
    assert "apps/v1" in await run("api-versions")
    assert "Server Version: v1." in await run("version")
    explained = await run("explain", "pod.spec.containers.ports.containerPort")
    assert "FIELD: containerPort <integer>" in explained
    assert await run("get", "--raw", "/readyz") == "ok"
    assert "control plane is running at" in await run("cluster-info")


async def test_validation_names_the_field(run):
    wrong = WEB.replace("replicas: 2", "replicas: two")
    assert "spec.replicas" in await run("apply", "-f", "-", stdin=wrong, fails=True)
    unknown = WEB.replace("replicas: 2", "replicaz: 2")
    assert 'unknown field "spec.replicaz"' in await run("apply", "-f", "-", stdin=unknown, fails=True)


async def test_what_is_not_there_or_not_allowed(run, https):
    assert 'namespaces "nope" not found' in await run("create", "configmap", "x", "-n", "nope", fails=True)
    assert "may not be deleted" in await run("delete", "namespace", "default", fails=True)
    assert 'User "bob" cannot list' in await run("get", "pods", "--as=bob", fails=True)


async def test_watching_and_waiting(run, https):
    await run("run", "p", "--image=registry.local/img:1")
    path = "/api/v1/namespaces/default/pods/p"
    waiting = asyncio.create_task(run("wait", "pod/p", "--for=condition=Ready", "--timeout=20s"))
    watching = asyncio.create_task(run("get", "pods", "-w", "--request-timeout=3s", "--no-headers"))
    await asyncio.sleep(0.5)
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    assert (await https.api.patch(f"{path}/status", {"status": status})).status == 200
    assert "condition met" in await waiting
    assert [line.split()[0] for line in (await watching).splitlines()] == ["p", "p"]
    deleting = asyncio.create_task(run("wait", "pod/p", "--for=delete", "--timeout=20s"))
    assert "deleted" in await run("delete", "pod", "p", "--wait=false")
    await https.api.delete(path, gracePeriodSeconds=0)
    await deleting


async def test_big_lists_come_in_chunks(run, https):
    path = "/api/v1/namespaces/default/configmaps"
    for i in range(12):
        await https.api.create(path, {"metadata": {"name": f"c{i:02}"}})
    names = (await run("get", "configmaps", "--chunk-size=5", "-o", "name")).split()
    assert [n for n in names if "/c" in n] == [f"configmap/c{i:02}" for i in range(12)]


async def test_secrets_accounts_and_tokens(run):
    await run("create", "secret", "generic", "s", "--from-literal=a=b")
    assert await run("get", "secret", "s", "-o", "jsonpath={.data.a}") == "Yg=="
    await run("create", "serviceaccount", "robot")
    assert (await run("create", "token", "robot")).count(".") == 2
