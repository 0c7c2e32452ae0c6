"""What pw does in its own way: it names lines, explains why a pod waits, completes words, and says what to do next."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from clients import PW, Tool

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n    - name: c\n      image: a\n"
BAD = {
    "unknown field": (POD + "      imagee: b\n", "  bad.yaml:9: spec.containers[0].imagee"),
    "wrong type": (POD + "      tty: maybe\n", "  bad.yaml:9: spec.containers[0].tty"),
    "bad quantity": (
        POD + "      resources:\n        requests:\n          cpu: lots\n",
        "  bad.yaml:11: spec.containers[0].resources.requests.cpu",
    ),
    "missing image": (POD.replace("      image: a\n", ""), "  bad.yaml:7: spec.containers[0].image"),
    "bad name": (POD.replace("name: x", "name: Bad_Name"), "  bad.yaml:4: metadata.name"),
    "second document": (POD + "---\n" + POD + "      nope: 1\n", "  bad.yaml:18: spec.containers[0].nope"),
    "not YAML": ("a: [\n", "error: error parsing bad.yaml: line 2"),
    "no kind": ("apiVersion: v1\n", 'error: error validating "bad.yaml": line 1: kind not set'),
    "unknown kind": ("apiVersion: v1\nkind: Podd\nmetadata: {name: x}\n", 'no matches for kind "Podd" in version "v1"'),
    "no object": ("- a\n", "line 1: the document is no object"),
    "strange metadata": ("apiVersion: v1\nkind: Pod\nmetadata: x\n", "metadata holds no fields"),
}


@pytest.mark.parametrize("why", BAD)
def test_bad_manifests_name_the_line(pw: Tool, why: str) -> None:
    manifest, message = BAD[why]
    pw.file("bad.yaml", manifest)

    for verb in ("apply", "create"):
        refused = pw(verb, "-f", "bad.yaml", code=1).err
        assert message in refused
        assert "Traceback" not in refused


def test_a_change_of_type_names_the_line_too(pw: Tool) -> None:
    pw("create", "deployment", "web", "--image=web:1")
    found = pw("get", "deploy", "web", "-o", "yaml").out
    pw.file("web.yaml", found.replace("  replicas: 1\n", "  replicas: many\n", 1))

    refused = pw("apply", "-f", "web.yaml", code=1).err
    line = 1 + (pw.files / "web.yaml").read_text().splitlines().index("  replicas: many")
    assert refused.startswith(
        'Error from server (Invalid): error when applying "web.yaml" line 1: unrecognized type: int32'
    )
    assert f"  web.yaml:{line}: spec.replicas" in refused


def test_why_a_pod_is_pending(pw: Tool) -> None:
    """Per node, and by how much."""
    node = f"{pw.namespace}-tiny"
    amounts = {"cpu": "500m", "memory": "1Gi", "pods": "10"}
    status = {"capacity": amounts, "conditions": [{"type": "Ready", "status": "True"}]}
    spec = {"taints": [{"key": "mine", "effect": "NoSchedule"}]}
    pw.cluster.api("POST", "/api/v1/nodes", {"metadata": {"name": node}, "spec": spec, "status": status})
    pw("cordon", "node-3")
    try:
        pw.file("big.yaml", POD + "      resources: {requests: {cpu: 7500m}}\n")
        pw("apply", "-f", "big.yaml")
        pw("wait", "--for=jsonpath={.status.conditions[0].reason}=Unschedulable", "pod/x")
        pw("wait", "--for=create", "events", "--all", code=None)
        page = ""
        while "Why Pending:" not in page:  # the event is written after the condition
            page = pw("describe", "pod", "x").out
    finally:
        pw("uncordon", "node-3")
        pw("delete", "node", node)
    why = {
        line.split()[0].rstrip(":"): line for line in page.split("Why Pending:")[1].split("Events:")[0].splitlines()[1:]
    }
    assert set(why) == {"node-1", "node-2", "node-3", "node-small", node}
    assert "untolerated taint mine" in why[node]
    assert "cordoned" in why["node-3"]
    assert "cpu" in why["node-small"]
    assert "7500m" in why["node-small"]
    assert "0/5 nodes are available" in page


def complete(tool: Tool, *words: str) -> list[str]:
    """What completes the last word."""
    shell = {"_PW_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    where = {"KUBECONFIG": str(tool.cluster.kubeconfig)}
    done = subprocess.run(
        [str(PW)], env={**os.environ, **shell, **where}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


COMPLETIONS = [
    (["pw", "desc"], ["describe"]),
    (["pw", "get", "dep"], ["deployments"]),
    (["pw", "get", "pods,rep"], ["pods,replicationcontrollers", "pods,replicasets"]),
    (["pw", "-n", "gallery", "get", "deploy", ""], ["web"]),
    (["pw", "get", "-n", "gallery", "deploy/"], ["deploy/web"]),
    (["pw", "-n", "gallery", "get", "pods", "alone", "al"], []),
    (["pw", "-n", "gallery", "logs", "alone", ""], ["c"]),
    (["pw", "get", "-n", "gal"], ["gallery"]),
    (["pw", "get", "pods", "-o", "js"], ["json", "jsonpath=", "jsonpath-as-json="]),
    (["pw", "cordon", "node-1", "node-s"], ["node-small"]),
    (["pw", "rollout", "status", ""], ["deployments", "daemonsets", "statefulsets"]),
    (["pw", "explain", "pod.spec.initC"], ["pod.spec.initContainers"]),
    (["pw", "--context", "gu"], ["guest"]),
    (["pw", "get", "nonsense", ""], []),
]


@pytest.mark.parametrize(("words", "expected"), COMPLETIONS, ids=" ".join)
def test_completion(pw_gallery: Tool, words: list[str], expected: list[str]) -> None:
    assert complete(pw_gallery, *words) == expected


def test_completion_without_a_server_is_silent(pw_gallery: Tool, tmp_path: Path) -> None:
    (tmp_path / "admin.kubeconfig").write_text("nonsense: [")
    lost = replace(pw_gallery, cluster=replace(pw_gallery.cluster, folder=tmp_path))

    assert complete(lost, "pw", "get", "pods", "") == []
    assert complete(lost, "pw", "get", "po") == ["pods", "podtemplates", "poddisruptionbudgets"]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PW), *words], env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def test_no_cluster_is_configured(tmp_path: Path) -> None:
    done = run("get", "pods", KUBECONFIG=str(tmp_path / "none"))

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: no cluster is configured in {tmp_path}/none; `podwright up` makes one")


def test_a_server_that_is_down(pw: Tool, tmp_path: Path) -> None:
    text = pw.cluster.kubeconfig.read_text().replace(f":{pw.cluster.port}", ":9")
    (tmp_path / "down").write_text(text)
    done = run("--kubeconfig", str(tmp_path / "down"), "get", "pods")

    assert done.returncode == 1
    assert done.stderr.startswith("Unable to connect to the server: cannot GET https://127.0.0.1:9/")
    assert "Connection refused\nIs the control plane running? `podwright up` starts it" in done.stderr


def test_contexts(pw: Tool) -> None:
    assert pw("get", "pods", "--context", "token").code == 0
    assert "there are: admin@compat" in pw("get", "pods", "--context", "nope", code=1).err
    assert "(Forbidden)" in pw("get", "pods", "--context", "guest", code=1).err
    assert "The server does not know this identity" in pw("get", "pods", "--context", "stranger", code=1).err


def test_wrong_usage(pw: Tool) -> None:
    assert "unknown command 'gett'; did you mean 'get'?" in pw("gett", code=2).err
    assert "No such option" in pw("get", "pods", "--nope", code=2).err
    assert "you must specify the type of resource" in pw("get", code=1).err
    assert "doesn't have a resource type" in pw("get", "nonsense", code=1).err
    assert "unable to match a printer" in pw("get", "pods", "-o", "nope", code=1).err


def test_a_reader_that_leaves_early(pw_gallery: Tool) -> None:
    process = pw_gallery.start("explain", "pod", "--recursive")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == ""

    assert process.wait(30) in {0, 1, 141}


def test_ctrl_c_leaves_no_traceback(pw_gallery: Tool) -> None:
    import signal

    process = pw_gallery.start("get", "pods", "-w")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err.strip() == ""


def test_namespaces_of_manifests_count(pw: Tool) -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: default}\n"
    pw.file("one.yaml", manifest)

    refused = pw("apply", "-f", "one.yaml", code=1).err
    assert f'the object\'s namespace "default" is not the given "{pw.namespace}"' in refused
