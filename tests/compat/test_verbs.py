"""Every verb that changes something, with the real kubectl and with pw: the same words, the same end state."""

from __future__ import annotations

from typing import Any

import pytest
from clients import Cluster, Tool

JSON = dict[str, Any]

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, extra: "1"}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - {name: web, image: "web:1", env: [{name: A, value: a}, {name: B, value: b}]}
        - {name: side, image: "side:1"}
"""
CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
data: {a: "1", b: "2"}
"""


@pytest.fixture
def get(cluster: Cluster, namespace: str):
    """Read an object of the namespace: get("configmaps/one")."""

    def read(path: str) -> JSON:
        prefix = "/apis/apps/v1" if path.split("/", maxsplit=1)[0] in {"deployments", "replicasets"} else "/api/v1"
        return cluster.api("GET", f"{prefix}/namespaces/{namespace}/{path}")

    return read


def test_apply_creates_configures_and_leaves_alone(tool: Tool, get) -> None:
    tool.file("web.yaml", DEPLOYMENT)

    assert tool("apply", "-f", "web.yaml").out == "deployment.apps/web created\n"
    assert tool("apply", "-f", "web.yaml").out == "deployment.apps/web unchanged\n"
    tool.file("web.yaml", DEPLOYMENT.replace('extra: "1"', 'other: "2"').replace("{name: B, value: b}", ""))
    assert tool("apply", "-f", "web.yaml").out == "deployment.apps/web configured\n"

    found = get("deployments/web")
    assert found["metadata"]["labels"] == {"app": "web", "other": "2"}
    containers = {c["name"]: c for c in found["spec"]["template"]["spec"]["containers"]}
    assert containers["web"]["env"] == [{"name": "A", "value": "a"}]
    assert set(containers) == {"web", "side"}


def test_apply_keeps_what_others_set(tool: Tool, get) -> None:
    tool.file("web.yaml", DEPLOYMENT.replace("  replicas: 2\n", ""))
    tool("apply", "-f", "web.yaml")
    tool("scale", "deploy/web", "--replicas=3")
    tool("label", "deploy/web", "mine=yes")

    assert tool("apply", "-f", "web.yaml").out == "deployment.apps/web unchanged\n"
    found = get("deployments/web")
    assert found["spec"]["replicas"] == 3
    assert found["metadata"]["labels"]["mine"] == "yes"


@pytest.mark.kubectl
def test_tools_take_turns(kubectl: Tool, pw: Tool, get) -> None:
    for tool in (kubectl, pw):
        tool.file("one.yaml", CONFIG)
    pw("apply", "-f", "one.yaml")
    assert kubectl("apply", "-f", "one.yaml").out == "configmap/one unchanged\n"
    kubectl.file("one.yaml", CONFIG.replace(', b: "2"', ', c: "3"'))
    assert kubectl("apply", "-f", "one.yaml").out == "configmap/one configured\n"
    assert get("configmaps/one")["data"] == {"a": "1", "c": "3"}
    assert pw("apply", "-f", "one.yaml").out == "configmap/one unchanged\n"


def test_apply_folder_stdin_and_list(tool: Tool, get) -> None:
    (tool.files / "many").mkdir()
    tool.file("many/1.yaml", CONFIG)
    tool.file("many/2.yml", CONFIG.replace("one", "two"))
    tool.file("many/3.json", '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "three"}}')
    tool.file("many/README.txt", "no manifest")

    assert tool("apply", "-f", "many").out == "configmap/one created\nconfigmap/two created\nconfigmap/three created\n"
    assert tool("apply", "-f", "-", stdin=CONFIG.replace("one", "four")).out == "configmap/four created\n"
    several = CONFIG + "---\n" + CONFIG.replace("one", "five") + "---\n"
    assert tool("apply", "-f", "-", stdin=several).out == "configmap/one unchanged\nconfigmap/five created\n"
    assert tool("delete", "-f", "many").code == 0
    assert {c["metadata"]["name"] for c in get("configmaps")["items"]} == {"four", "five", "kube-root-ca.crt"}


def test_create_is_for_new_objects(tool: Tool) -> None:
    tool.file("one.yaml", CONFIG)

    assert tool("create", "-f", "one.yaml").out == "configmap/one created\n"
    refused = tool("create", "-f", "one.yaml", code=1)
    assert "Error from server (AlreadyExists): error when creating" in refused.err
    assert 'configmaps "one" already exists' in refused.err


GENERATED = {
    "namespace/{ns}-x": ["create", "ns", "{ns}-x"],
    "serviceaccount/robot": ["create", "sa", "robot"],
    "configmap/c": ["create", "cm", "c", "--from-literal=a=b", "--from-file=file"],
    "secret/s": ["create", "secret", "generic", "s", "--from-literal=a=b"],
    "deployment.apps/d": ["create", "deployment", "d", "--image=d:1", "--replicas=2"],
}


def test_create_by_words(tool: Tool, get) -> None:
    tool.file("file", "content")
    for shown, words in GENERATED.items():
        given = [w.format(ns=tool.namespace) for w in words]
        assert tool(*given).out == f"{shown.format(ns=tool.namespace)} created\n"

    assert get("configmaps/c")["data"] == {"a": "b", "file": "content"}
    assert get("secrets/s")["data"] == {"a": "Yg=="}
    assert get("deployments/d")["spec"]["replicas"] == 2


@pytest.mark.kubectl
def test_kubectl_makes_other_objects(kubectl: Tool, get) -> None:
    """kubectl sends these as protobuf."""
    kubectl("create", "service", "clusterip", "inner", "--tcp=80:8080")
    kubectl("create", "service", "nodeport", "outer", "--tcp=80")
    kubectl("create", "service", "externalname", "away", "--external-name=example.com")
    kubectl("create", "priorityclass", kubectl.namespace, "--value=5", "--description=five")
    kubectl("run", "one", "--image=one:1", "--restart=Never", "--", "sleep", "5")
    kubectl("expose", "pod", "one", "--port=80")
    ca, key = (str(kubectl.cluster.folder / "pki" / f) for f in ("ca.crt", "ca.key"))
    kubectl("create", "secret", "tls", "t", f"--cert={ca}", f"--key={key}")

    assert get("services/inner")["spec"]["ports"][0]["targetPort"] == 8080
    assert get("services/outer")["spec"]["ports"][0]["nodePort"] >= 30000
    assert get("services/away")["spec"]["externalName"] == "example.com"
    assert get("services/one")["spec"]["selector"] == {"run": "one"}
    assert get("pods/one")["spec"]["containers"][0]["args"] == ["sleep", "5"]
    assert get("secrets/t")["type"] == "kubernetes.io/tls"
    assert kubectl("create", "token", "default").out.count(".") == 2


def test_labels_and_annotations(tool: Tool, get) -> None:
    tool("create", "cm", "one")

    assert tool("label", "cm", "one", "x=y").out == "configmap/one labeled\n"
    refused = tool("label", "cm", "one", "x=z", code=1)
    assert refused.err == "error: 'x' already has a value (y), and --overwrite is false\n"
    tool("label", "cm", "one", "x=z", "w=v", "--overwrite")
    assert get("configmaps/one")["metadata"]["labels"] == {"x": "z", "w": "v"}
    assert tool("label", "cm", "one", "x-").out == "configmap/one unlabeled\n"
    assert tool("annotate", "cm", "one", "note=long text").out == "configmap/one annotated\n"
    tool("label", "cm", "-l", "w=v", "by=selector")
    assert get("configmaps/one")["metadata"]["labels"] == {"w": "v", "by": "selector"}
    assert get("configmaps/one")["metadata"]["annotations"] == {"note": "long text"}


@pytest.mark.parametrize(
    ("kind", "patch", "data"),
    [
        ("strategic", '{"data":{"a":"9"}}', {"a": "9", "b": "2"}),
        ("merge", '{"data":{"a":null}}', {"b": "2"}),
        ("json", '[{"op":"replace","path":"/data/b","value":"x"}]', {"a": "1", "b": "x"}),
        ("strategic", "data: {c: yaml}", {"a": "1", "b": "2", "c": "yaml"}),
    ],
)
def test_patch(tool: Tool, get, kind: str, patch: str, data: JSON) -> None:
    tool("create", "cm", "one", "--from-literal=a=1", "--from-literal=b=2")

    assert tool("patch", "cm", "one", "--type", kind, "-p", patch).out == "configmap/one patched\n"
    assert get("configmaps/one")["data"] == data
    if kind != "json":
        assert tool("patch", "cm", "one", "--type", kind, "-p", patch).out == "configmap/one patched (no change)\n"


def test_replace(tool: Tool, get) -> None:
    tool("create", "cm", "one", "--from-literal=z=1")
    tool.file("one.yaml", CONFIG)

    assert tool("replace", "-f", "one.yaml").out == "configmap/one replaced\n"
    assert get("configmaps/one")["data"] == {"a": "1", "b": "2"}
    before = get("configmaps/one")["metadata"]["uid"]
    tool("replace", "--force", "-f", "one.yaml")
    assert get("configmaps/one")["metadata"]["uid"] != before
    missing = tool("replace", "-f", tool.file("two.yaml", CONFIG.replace("one", "two")), code=1)
    assert 'configmaps "two" not found' in missing.err


def test_diff(tool: Tool) -> None:
    tool("apply", "-f", tool.file("one.yaml", CONFIG))

    assert tool("diff", "-f", "one.yaml").text == ""
    changed = tool("diff", "-f", tool.file("two.yaml", CONFIG.replace('"2"', '"3"')), code=1)
    assert '-  b: "2"' in changed.out.splitlines()
    assert '+  b: "3"' in changed.out.splitlines()


def test_edit(tool: Tool, get) -> None:
    tool("create", "cm", "one", "--from-literal=a=old")

    assert tool("edit", "cm", "one", env={"EDITOR": "sed -i s/old/new/"}).out == "configmap/one edited\n"
    assert get("configmaps/one")["data"] == {"a": "new"}
    same = tool("edit", "cm", "one", env={"EDITOR": "true"})
    assert "Edit cancelled, no changes made." in same.text
    tool("edit", "cm", "one", env={"EDITOR": "sed -i s/data:/dada:/"}, code=1)
    assert get("configmaps/one")["data"] == {"a": "new"}


def test_rollout(tool: Tool, get) -> None:
    tool("create", "deployment", "web", "--image=web:1", "--replicas=2")
    tool("rollout", "status", "deploy/web", "--timeout=30s")
    assert tool("set", "image", "deploy/web", "web=web:2").out == "deployment.apps/web image updated\n"
    tool("annotate", "deploy/web", "kubernetes.io/change-cause=second")
    assert tool("rollout", "status", "deploy/web").out.endswith('deployment "web" successfully rolled out\n')
    history = tool("rollout", "history", "deploy/web").out.splitlines()
    assert history[:4] == ["deployment.apps/web ", "REVISION  CHANGE-CAUSE", "1         <none>", "2         second"]
    assert "web:1" in tool("rollout", "history", "deploy/web", "--revision=1").out

    assert tool("rollout", "undo", "deploy/web").out == "deployment.apps/web rolled back\n"
    tool("rollout", "status", "deploy/web")
    assert get("deployments/web")["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1"
    assert tool("rollout", "pause", "deploy/web").out == "deployment.apps/web paused\n"
    assert tool("rollout", "pause", "deploy/web", code=1).err == 'error: deployments.apps "web" is already paused\n'
    refused = tool("rollout", "restart", "deploy/web", code=1)
    assert "can't restart paused deployment (run rollout resume first)" in refused.err
    assert tool("rollout", "resume", "deploy/web").out == "deployment.apps/web resumed\n"
    assert tool("rollout", "restart", "deploy/web").out == "deployment.apps/web restarted\n"
    tool("rollout", "status", "deploy/web")
    assert len([s for s in get("replicasets")["items"] if s["spec"]["replicas"]]) == 1


def test_rollout_that_fails(tool: Tool) -> None:
    tool("create", "deployment", "web", "--image=broken:1", "--replicas=2")

    stuck = tool("rollout", "status", "deploy/web", "--timeout=1s", code=1)
    assert stuck.err == "error: timed out waiting for the condition\n"
    assert "0 of 2 updated replicas are available" in stuck.out
    now = tool("rollout", "status", "deploy/web", "--watch=false")
    assert now.out == 'Waiting for deployment "web" rollout to finish: 0 of 2 updated replicas are available...\n'


def test_scale_and_wait(tool: Tool) -> None:
    tool("create", "deployment", "web", "--image=web:1")
    tool("wait", "--for=condition=Available", "deploy/web", "--timeout=30s")

    assert tool("scale", "deployment", "web", "--replicas", "4").out == "deployment.apps/web scaled\n"
    waited = tool("wait", "--for=jsonpath={.status.readyReplicas}=4", "deploy/web", "--timeout=30s")
    assert waited.out == "deployment.apps/web condition met\n"
    assert tool("get", "deploy", "web", "--no-headers").out.split()[:4] == ["web", "4/4", "4", "4"]
    tool("scale", "deploy/web", "--replicas=1", "--current-replicas=4")
    assert (
        "Expected replicas to be 9, was 1"
        in tool("scale", "deploy/web", "--replicas=2", "--current-replicas=9", code=1).err
    )


@pytest.mark.parametrize("cascade", ["background", "foreground", "orphan"])
def test_delete_cascades(tool: Tool, get, cascade: str) -> None:
    tool("create", "deployment", "web", "--image=web:1")
    tool("rollout", "status", "deploy/web")

    done = tool("delete", "deploy", "web", f"--cascade={cascade}")
    assert done.out.startswith('deployment.apps "web" deleted')
    if cascade == "orphan":
        [left] = get("replicasets")["items"]
        assert "ownerReferences" not in left["metadata"]
        assert len(get("pods")["items"]) == 1
    elif cascade == "foreground":  # it returned when all were gone
        assert get("replicasets")["items"] == []
    else:
        tool("wait", "--for=delete", "pod", "-l", "app=web", "--timeout=30s", code=None)
        assert get("pods")["items"] == []


def test_delete_pods(tool: Tool, get) -> None:
    pods = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "c:1"}]}}
    for name in ("one", "two", "three", "four"):
        tool.cluster.api(
            "POST",
            f"/api/v1/namespaces/{tool.namespace}/pods",
            {**pods, "metadata": {"name": name, "labels": {"n": name}}},
        )

    assert tool("delete", "pod", "one", "--wait=false").out.startswith('pod "one" deleted')
    forced = tool("delete", "pod", "two", "--grace-period=0", "--force")
    assert forced.out.startswith('pod "two" force deleted')
    assert forced.err.startswith("Warning: ")
    tool("delete", "pod", "--now", "-l", "n=three")
    assert tool("delete", "pods", "--all").code == 0
    assert get("pods")["items"] == []
    assert tool("delete", "pod", "one", code=1).err == 'Error from server (NotFound): pods "one" not found\n'
    assert tool("delete", "pod", "one", "--ignore-not-found").text == ""
    assert tool("delete", "pods", "--all", "-l", "a=b", code=1).err.startswith("error: setting 'all' parameter but")
    assert "no name was specified" in tool("delete", "pod", code=1).err


def test_delete_namespace_with_all_that_is_in_it(tool: Tool) -> None:
    inner = f"{tool.namespace}-inner"
    tool("create", "ns", inner)
    tool.cluster.api("POST", f"/api/v1/namespaces/{inner}/configmaps", {"metadata": {"name": "one"}})

    assert tool("delete", "ns", inner).out == f'namespace "{inner}" deleted\n'
    assert tool("get", "ns", inner, "--ignore-not-found").text == ""


def test_cordon_taint_and_drain(tool: Tool) -> None:
    node = f"{tool.namespace}-node"
    amounts = {"cpu": "1", "memory": "1Gi", "pods": "10"}
    ready = [{"type": "Ready", "status": "True"}]
    tool.cluster.api(
        "POST", "/api/v1/nodes", {"metadata": {"name": node}, "status": {"capacity": amounts, "conditions": ready}}
    )
    try:
        assert tool("cordon", node).out == f"node/{node} cordoned\n"
        assert tool("cordon", node).out == f"node/{node} already cordoned\n"
        assert "Ready,SchedulingDisabled" in tool("get", "node", node).out
        assert tool("uncordon", node).out == f"node/{node} uncordoned\n"
        assert tool("taint", "node", node, "a=b:NoSchedule").out == f"node/{node} tainted\n"
        assert "already has" in tool("taint", "node", node, "a=c:NoSchedule", code=1).err
        assert "invalid taint effect: Nope" in tool("taint", "node", node, "a=c:Nope", code=1).err
        assert "a=b:NoSchedule" in tool("describe", "node", node).out
        assert tool("taint", "node", node, "a-").out == f"node/{node} untainted\n"
        assert tool("drain", node, "--ignore-daemonsets").out.endswith(f"node/{node} drained\n")
    finally:
        tool("delete", "node", node)


def test_drain_moves_pods(tool: Tool, get) -> None:
    tool("create", "deployment", "web", "--image=web:1", "--replicas=3")
    tool("rollout", "status", "deploy/web")
    node = get("pods")["items"][0]["spec"]["nodeName"]
    mine = {p["metadata"]["name"] for p in get("pods")["items"] if p["spec"]["nodeName"] == node}
    try:
        done = tool("drain", node, "--force", "--ignore-daemonsets", "--delete-emptydir-data")
        assert all(f"pod/{name} evicted" in done.out for name in mine)
        tool("rollout", "status", "deploy/web")
        assert all(p["spec"]["nodeName"] != node for p in get("pods")["items"])
    finally:
        tool("uncordon", node)


def test_drain_waits_for_the_disruption_budget(tool: Tool, get) -> None:
    tool("create", "deployment", "web", "--image=web:1", "--replicas=4")
    tool("rollout", "status", "deploy/web")
    budget = {"metadata": {"name": "web"}, "spec": {"minAvailable": 3, "selector": {"matchLabels": {"app": "web"}}}}
    where = f"/apis/policy/v1/namespaces/{tool.namespace}/poddisruptionbudgets"
    tool.cluster.api("POST", where, budget)
    tool("wait", "--for=jsonpath={.status.disruptionsAllowed}=1", "pdb/web", "--timeout=20s")
    node = get("pods")["items"][0]["spec"]["nodeName"]
    mine = {p["metadata"]["name"] for p in get("pods")["items"] if p["spec"]["nodeName"] == node}
    try:
        done = tool("drain", node, "--force", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s")
        assert all(f"pod/{name} evicted" in done.out for name in mine)
        status = tool.cluster.api("GET", f"{where}/web")["status"]
        assert (status["desiredHealthy"], status["expectedPods"] >= 4) == (3, True)
        assert not mine & {p["metadata"]["name"] for p in get("pods")["items"]}
    finally:
        tool("uncordon", node)


def test_events(tool: Tool) -> None:
    tool("create", "deployment", "web", "--image=web:1")
    tool("rollout", "status", "deploy/web")
    tool("wait", "--for=create", "events", "--all", "--timeout=20s", code=None)

    said = tool("events", "--for", "deploy/web").out
    assert "ScalingReplicaSet" in said
    assert "Deployment/web" in said
    assert tool("events", "--types=Warning").text == f"No events found in {tool.namespace} namespace.\n"
