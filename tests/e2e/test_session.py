"""What the README shows, with pw and with kubectl, against three nodes."""

from __future__ import annotations

import json
import shutil
import urllib.request

import pytest
from e2e_cluster import EXAMPLE, Cluster, wait_for

APP = "app=simpleserver"
kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")


@pytest.fixture(scope="module")
def served(shared_cluster: Cluster) -> Cluster:
    shared_cluster.pw("apply", "-f", str(EXAMPLE))
    shared_cluster.pw("rollout", "status", "deployment/simpleserver", "--timeout", "60s")
    return shared_cluster


def test_example_answers_with_its_name_from_every_side(served: Cluster) -> None:
    pods = served.ready(APP)
    assert len(pods) == 3
    for pod in pods:
        name, ip = pod["metadata"]["name"], pod["status"]["podIP"]
        with urllib.request.urlopen(f"http://{ip}:8080/", timeout=10) as answer:  # from this machine
            assert answer.read().decode().strip() == name
        inside = served.pw("exec", name, "-c", "helper", "--", "wget", "-qO-", "http://localhost:8080/")
        assert inside.out.strip() == name


def test_pods_reach_pods_of_other_nodes(served: Cluster) -> None:
    served.pw("scale", "deployment", "simpleserver", "--replicas", "6")  # packed: one node holds four at most
    pods = wait_for(lambda: (found := served.ready(APP)) and len(found) == 6 and found, "6 Ready pods")
    by_node = {p["spec"]["nodeName"]: p for p in pods}
    assert len(by_node) >= 2
    one, other = list(by_node.values())[:2]
    url = f"http://{other['status']['podIP']}:8080/"
    across = served.pw("exec", one["metadata"]["name"], "-c", "helper", "--", "wget", "-qO-", url)
    assert across.out.strip() == other["metadata"]["name"]
    served.pw("scale", "deployment", "simpleserver", "--replicas", "3")
    wait_for(lambda: len(served.pods(APP)) == 3, "3 pods")


def test_containers_share_the_network_and_nothing_else(served: Cluster) -> None:
    name = served.ready(APP)[0]["metadata"]["name"]

    def namespaces(container: str) -> dict[str, str]:
        script = "for n in net ipc uts pid mnt; do echo $n $(readlink /proc/1/ns/$n); done"
        lines = served.pw("exec", name, "-c", container, "--", "sh", "-c", script).out.splitlines()
        return dict(line.split(" ", 1) for line in lines)

    server, helper = namespaces("server"), namespaces("helper")
    assert {k for k in server if server[k] == helper[k]} == {"net", "ipc", "uts"}


def test_logs_describe_events(served: Cluster) -> None:
    name = served.ready(APP)[0]["metadata"]["name"]
    wait_for(
        lambda: f"the server beside me says: {name}" in served.pw("logs", name, "-c", "helper").out, "the helper's log"
    )
    page = served.pw("describe", "pod", name).out
    assert "Controlled By:  ReplicaSet/simpleserver-" in page
    assert "Successfully assigned" in page
    events = served.pw("events", "--for", f"pod/{name}").out
    for reason in ("Scheduled", "Pulled", "Created", "Started"):
        assert reason in events
    assert "NOMINATED NODE" in served.pw("get", "pods", "-o", "wide").out


def test_exec_hands_on_exit_codes_input_and_errors(served: Cluster) -> None:
    name = served.ready(APP)[0]["metadata"]["name"]
    assert served.pw("exec", name, "--", "sh", "-c", "exit 7", check=False).code == 7
    assert served.pw("exec", "-i", name, "--", "cat", stdin="hello\n").out == "hello\n"
    assert "container nope not found" in served.pw("exec", name, "-c", "nope", "--", "true", check=False).err


def test_scale_up_and_down(served: Cluster) -> None:
    served.pw("scale", "deployment", "simpleserver", "--replicas", "5")
    wait_for(lambda: len(served.ready(APP)) == 5, "5 Ready pods")
    served.pw("scale", "deployment", "simpleserver", "--replicas", "3")
    wait_for(lambda: len(served.pods(APP)) == 3, "3 pods")


def test_rollout_and_undo(served: Cluster) -> None:
    served.pw("apply", "-f", "-", stdin=EXAMPLE.read_text().replace("sleep 5", "sleep 4"))
    served.pw("rollout", "status", "deploy/simpleserver", "--timeout", "60s")
    served.pw("rollout", "undo", "deploy/simpleserver")
    served.pw("rollout", "status", "deploy/simpleserver", "--timeout", "60s")
    command = served.get("deploy", "simpleserver")["spec"]["template"]["spec"]["containers"][1]["command"][2]
    assert "sleep 5" in command
    assert "REVISION" in served.pw("rollout", "history", "deploy/simpleserver").out
    wait_for(lambda: len(served.pods(APP)) == 3, "old pods to end")


def test_pending_pod_says_why_node_by_node(served: Cluster) -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "huge"},
        "spec": {
            "containers": [
                {"name": "c", "image": "podwright.dev/busybox:1", "resources": {"requests": {"cpu": "1000"}}}
            ]
        },
    }
    served.pw("apply", "-f", "-", stdin=json.dumps(manifest))
    page = wait_for(
        lambda: next((t for t in [served.pw("describe", "pod", "huge").out] if "FailedScheduling" in t), ""),
        "the reason",
    )
    assert "0/3 nodes are available: 3 Insufficient cpu." in page
    for node in ("node-1", "node-2", "node-3"):
        assert any(line.strip().startswith(f"{node}:") and "cpu" in line for line in page.splitlines())
    served.pw("delete", "pod", "huge")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image": "podwright.dev/none:1", "imagePullPolicy": "Never"}, "ErrImageNeverPull"),
        ({"image": "127.0.0.1:1/absent:1"}, "ErrImagePull|ImagePullBackOff"),
        ({"image": "podwright.dev/busybox:1", "command": ["/nope"]}, "StartError|RunContainerError|CrashLoopBackOff"),
    ],
    ids=["not there", "no registry", "no such command"],
)
def test_what_keeps_a_container_from_running_is_named(served: Cluster, change: dict[str, object], says: str) -> None:
    spec = {"containers": [{"name": "c", **change}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "broken"}, "spec": spec}
    served.pw("apply", "-f", "-", stdin=json.dumps(pod))

    def reason() -> bool:
        for status in served.get("pod", "broken").get("status", {}).get("containerStatuses", []):
            for state in (status.get("state", {}), status.get("lastState", {})):
                for detail in state.values():
                    if detail.get("reason") in says.split("|"):
                        return True
        return False

    wait_for(reason, says)
    served.pw("delete", "pod", "broken")


def test_memory_hog_alone_is_killed_and_started_again(served: Cluster) -> None:
    spec = {
        "containers": [
            {
                "name": "hog",
                "image": "podwright.dev/busybox:1",
                "command": ["tail", "-c", "100000000", "/dev/zero"],
                "resources": {"limits": {"memory": "16Mi"}},
            },
            {"name": "calm", "image": "podwright.dev/busybox:1", "command": ["sleep", "1000"]},
        ]
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "hog"}, "spec": spec}
    served.pw("apply", "-f", "-", stdin=json.dumps(pod))

    def statuses() -> dict[str, dict[str, object]]:
        return {s["name"]: s for s in served.get("pod", "hog").get("status", {}).get("containerStatuses", [])}

    def killed() -> bool:
        found = statuses().get("hog", {})
        ended = [s["terminated"] for s in (found.get("state", {}), found.get("lastState", {})) if "terminated" in s]
        return any(e["reason"] == "OOMKilled" and e["exitCode"] == 137 for e in ended) and found["restartCount"] >= 1

    wait_for(killed, "the OOM kill and the restart")
    assert statuses()["calm"]["restartCount"] == 0
    served.pw("delete", "pod", "hog", "--now")


@kubectl
def test_kubectl_works_unmodified(served: Cluster) -> None:
    k = served.kubectl
    assert "simpleserver" in k("get", "deploy,rs,pods", "-A", "-o", "wide").out
    name = served.ready(APP)[0]["metadata"]["name"]
    assert k("exec", name, "-c", "helper", "--", "wget", "-qO-", "http://localhost:8080/").out.strip() == name
    assert k("exec", name, "--", "sh", "-c", "exit 5", check=False).code == 5
    assert "serves on port" in k("logs", name, "-c", "server").out
    assert "Events:" in k("describe", "pod", name).out
    k("apply", "-f", str(EXAMPLE))
    k("scale", "deploy/simpleserver", "--replicas=4")
    k("rollout", "status", "deploy/simpleserver", "--timeout=60s")
    k("rollout", "restart", "deploy/simpleserver")
    k("rollout", "status", "deploy/simpleserver", "--timeout=60s")
    k("cordon", "node-1")
    assert "SchedulingDisabled" in k("get", "node", "node-1").out
    k("uncordon", "node-1")
    k("wait", "--for=condition=Available", "deploy/simpleserver", "--timeout=30s")
    k("delete", "deploy", "simpleserver", "--timeout=60s")
    wait_for(lambda: not served.pods(APP), "all pods to go")
