"""kubectl as a client of any cluster: about the server, runs, rehearsals, differences, and its proxy."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from pathlib import Path

import pytest
from clients import Tool

pytestmark = pytest.mark.kubectl

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "web:1"}]}
"""


def test_about_the_cluster(kubectl: Tool) -> None:
    assert "v1" in kubectl("api-versions").out.splitlines()
    assert "control plane is running at" in kubectl("cluster-info").out
    version = kubectl("version").out
    assert re.search(r"Client Version: v?1\..*Server Version: v?1\.", version, re.DOTALL)


def test_a_difference_is_shown_and_nothing_changes(kubectl: Tool) -> None:
    kubectl("create", "-f", "-", stdin=WEB)
    shown = kubectl("diff", "-f", "-", stdin=WEB.replace("web:1", "web:2"), code=1).out
    assert "-      - image: web:1" in shown
    assert "+      - image: web:2" in shown
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={..image}").out == "web:1"
    assert kubectl("diff", "-f", "-", stdin=WEB).out == ""


def test_run_makes_one_pod(kubectl: Tool) -> None:
    kubectl("run", "p", "--restart=Never", "--pod-running-timeout=2m0s", "--image=img:1")
    found = json.loads(kubectl("get", "pod", "p", "-o", "json").out)
    assert [c["image"] for c in found["spec"]["containers"]] == ["img:1"]
    assert found["spec"]["restartPolicy"] == "Never"


def test_a_rehearsal_on_the_server_changes_nothing(kubectl: Tool) -> None:
    kubectl("run", "p", "--image=img:1", "--labels=run=p")
    patch = json.dumps({"spec": {"containers": [{"name": "p", "image": "img:2"}]}})
    kubectl("patch", "pod", "p", "-p", patch, "--dry-run=server")
    assert kubectl("get", "pod", "p", "-o", "jsonpath={..spec.containers[*].image}").out == "img:1"
    kubectl("create", "--dry-run=server", "-f", "-", stdin=WEB)
    assert "NotFound" in kubectl("get", "deploy", "web", code=1).err
    kubectl("delete", "pod", "p", "--dry-run=server")
    assert kubectl("get", "pod", "p", "-o", "name").out == "pod/p\n"


def test_a_proxy_on_a_port_of_its_choice(kubectl: Tool) -> None:
    proxy = kubectl.start("proxy", "--port=0", "--disable-filter=true")
    try:
        assert proxy.stdout is not None
        found = re.match(r"Starting to serve on (127\.0\.0\.1:\d+)", proxy.stdout.readline())
        assert found
        with urllib.request.urlopen(f"http://{found[1]}/api/", timeout=20) as answer:
            assert json.load(answer)["versions"] == ["v1"]
    finally:
        _end(proxy)


def test_a_proxy_on_a_socket(kubectl: Tool, tmp_path: Path) -> None:
    path = tmp_path / "proxy.sock"
    proxy = kubectl.start("proxy", f"--unix-socket={path}")
    try:
        assert proxy.stdout is not None
        assert proxy.stdout.readline() == f"Starting to serve on {path}\n"
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(path))
            connection.sendall(b"GET /api/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["kind"] == "APIVersions"
    finally:
        _end(proxy)


def _end(proxy) -> None:
    proxy.terminate()
    proxy.communicate(timeout=20)


NEW_KINDS = {
    "job.batch/j": '{"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": '
    '{"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}}}',
    "cronjob.batch/c": '{"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"schedule": "@yearly", "jobTemplate": '
    '{"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}}}}}',
    "statefulset.apps/s": '{"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"serviceName": "s", "selector": '
    '{"matchLabels": {"a": "s"}}, "template": {"metadata": {"labels": {"a": "s"}}, "spec": '
    '{"containers": [{"name": "c", "image": "i:1"}]}}}}',
    "daemonset.apps/d": '{"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"selector": '
    '{"matchLabels": {"a": "d"}}, "template": {"metadata": {"labels": {"a": "d"}}, "spec": '
    '{"containers": [{"name": "c", "image": "i:1"}]}}}}',
    "ingress.networking.k8s.io/i": '{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": '
    '{"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}}',
    "networkpolicy.networking.k8s.io/n": '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": '
    '{"podSelector": {}}}',
    "poddisruptionbudget.policy/b": '{"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": '
    '{"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}}',
    "horizontalpodautoscaler.autoscaling/h": '{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", '
    '"spec": {"maxReplicas": 2, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}}',
    "persistentvolumeclaim/v": '{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {"accessModes": '
    '["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}',
    "role.rbac.authorization.k8s.io/r": '{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": '
    '[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}',
}


@pytest.mark.parametrize("what", NEW_KINDS)
def test_kinds_are_created_applied_patched_and_replaced(kubectl: Tool, what: str) -> None:
    body = json.loads(NEW_KINDS[what])
    body["metadata"] = {"name": what.partition("/")[2], "labels": {"step": "created"}}
    where = lambda: kubectl("get", what, "-o", "jsonpath={.metadata.labels.step}").out  # noqa: E731

    def file(step: str) -> str:
        return kubectl.file(
            "object.json", json.dumps({**body, "metadata": {**body["metadata"], "labels": {"step": step}}})
        )

    assert kubectl("create", "--save-config", "-f", file("created")).out == f"{what} created\n"
    again = kubectl("apply", "-f", file("created")).out
    assert again == f"{what} unchanged\n" or "budget" in what  # whose selector kubectl always sends anew
    assert "+    step: applied" in kubectl("diff", "-f", file("applied"), code=1).out
    assert kubectl("apply", "-f", file("applied")).out == f"{what} configured\n"
    assert (
        kubectl("apply", "--server-side", "--force-conflicts", "-f", file("both")).out == f"{what} serverside-applied\n"
    )
    assert where() == "both"
    kubectl("patch", what, "--type=merge", "-p", '{"metadata": {"labels": {"step": "patched"}}}')
    assert where() == "patched"
    kubectl("wait", what, "--for=jsonpath={.metadata.labels.step}=patched", "--timeout=10s")
    text = kubectl("get", what, "-o", "json").out.replace('"step": "patched"', '"step": "replaced"')
    kubectl("replace", "-f", "-", stdin=text)
    assert where() == "replaced"
    kubectl("delete", what, "--timeout=20s")
    assert "NotFound" in kubectl("get", what, code=1).err
