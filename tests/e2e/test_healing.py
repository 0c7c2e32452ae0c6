"""kill -9 of everything that can be killed: each heals without help, nothing is doubled, nothing is left behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e_cluster import EXAMPLE, Cluster, wait_for

APP = "app=simpleserver"


@pytest.fixture(scope="module")
def served(shared_cluster: Cluster) -> Cluster:
    shared_cluster.pw("apply", "-f", str(EXAMPLE))
    shared_cluster.pw("rollout", "status", "deployment/simpleserver", "--timeout", "60s")
    return shared_cluster


def commands() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue


def restarts(cluster: Cluster) -> dict[tuple[str, str], int]:
    return {
        (p["metadata"]["uid"], s["name"]): s["restartCount"]
        for p in cluster.pods(APP)
        for s in p["status"].get("containerStatuses", [])
    }


def container_pid(cluster: Cluster, pod: dict[str, Any], container: str) -> int:
    """The host's pid of a container's first process, by its cgroup."""
    for pid, _ in commands():
        try:
            groups = Path(f"/proc/{pid}/cgroup").read_text()
            inner = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        first = next((line.split()[-1] for line in inner.splitlines() if line.startswith("NSpid:")), "")
        if pod["metadata"]["uid"] in groups and container in groups and first == "1":
            return pid
    msg = f"no process of {container}"
    raise AssertionError(msg)


def settled(cluster: Cluster, replicas: int = 3) -> None:
    """Desired is actual: as many pods, all Ready, as many running containers on the host as pods want."""
    wait_for(lambda: len(cluster.ready(APP)) == replicas == len(cluster.pods(APP)), f"{replicas} Ready pods")
    uids = {p["metadata"]["uid"] for p in cluster.pods(APP)}

    def as_wanted() -> bool:
        monitors = [c for _, c in commands() if c[0].endswith("conmon") and str(cluster.data) in " ".join(c)]
        return len(monitors) == 2 * replicas and all(any(u in " ".join(m) for u in uids) for m in monitors)

    wait_for(as_wanted, "as many monitors as containers")


def test_a_killed_container_is_started_again_in_place(served: Cluster) -> None:
    settled(served)
    pod, before = served.ready(APP)[0], restarts(served)
    os.kill(container_pid(served, pod, "helper"), signal.SIGKILL)
    uid = pod["metadata"]["uid"]
    wait_for(lambda: restarts(served).get((uid, "helper")) == before[uid, "helper"] + 1, "the restart")
    settled(served)
    assert {k: v for k, v in restarts(served).items() if k != (uid, "helper")} == {
        k: v for k, v in before.items() if k != (uid, "helper")
    }


def test_a_container_whose_monitor_is_killed_is_replaced(served: Cluster) -> None:
    settled(served)
    pod, before = served.ready(APP)[0], restarts(served)
    uid = pod["metadata"]["uid"]
    monitor = next(p for p, c in commands() if c[0].endswith("conmon") and any(f"{uid}_server_" in w for w in c))
    os.kill(monitor, signal.SIGKILL)
    wait_for(lambda: restarts(served).get((uid, "server"), 0) > before[uid, "server"], "the restart")
    settled(served)


def test_a_killed_agent_adopts_what_runs(served: Cluster) -> None:
    settled(served)
    before = restarts(served)
    pids = served.processes()
    for node in ("node-1", "node-2", "node-3"):
        os.kill(pids[node]["pid"], signal.SIGKILL)
    wait_for(
        lambda: all(served.processes()[n]["pid"] not in {0, pids[n]["pid"]} for n in ("node-1", "node-2", "node-3")),
        "new agents",
    )
    pod = served.ready(APP)[0]["metadata"]["name"]
    wait_for(lambda: served.pw("exec", pod, "--", "true", check=False).code == 0, "exec through the new agent")
    settled(served)
    assert restarts(served) == before


def test_a_killed_control_plane_loses_no_write_and_disturbs_no_pod(served: Cluster) -> None:
    settled(served)
    before = restarts(served)
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        number = 0
        while not stop.is_set():
            name = f"kept-{number}"
            if served.pw("create", "configmap", name, check=False).code == 0:
                written.append(name)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_for(lambda: len(written) >= 3, "some writes")
        pid = served.processes()["controlplane"]["pid"]
        os.kill(pid, signal.SIGKILL)
        done = len(written)
        wait_for(lambda: len(written) >= done + 3, "writes after the restart")
    finally:
        stop.set()
        writer.join()
    names = {c["metadata"]["name"] for c in served.get("configmaps")["items"]}
    assert set(written) <= names
    settled(served)
    assert restarts(served) == before


def test_pods_of_a_killed_node_come_up_elsewhere_and_it_comes_back(served: Cluster) -> None:
    settled(served)
    victim = served.ready(APP)[0]["spec"]["nodeName"]
    served.podwright("node", "stop", victim)
    wait_for(
        lambda: len([p for p in served.ready(APP) if p["spec"]["nodeName"] != victim]) == 3,
        "three Ready pods elsewhere",
    )
    node = served.get("node", victim)
    assert any(t["key"] == "node.kubernetes.io/unreachable" for t in node["spec"].get("taints", []))
    served.podwright("node", "start", victim)
    settled(served)
    assert "taints" not in served.get("node", victim)["spec"]
