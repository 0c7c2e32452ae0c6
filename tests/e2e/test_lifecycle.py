"""Clusters come, go, come back and live side by side."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e_cluster import EXAMPLE, Cluster, assert_as_before, snapshot, wait_for

APP = "app=simpleserver"


def test_up_resumes_the_same_cluster(make_cluster: Callable[..., Cluster]) -> None:
    before = snapshot()
    cluster = make_cluster("--nodes", "2")
    cluster.pw("apply", "-f", str(EXAMPLE))
    cluster.pw("rollout", "status", "deployment/simpleserver", "--timeout", "60s")
    uid = cluster.get("deploy", "simpleserver")["metadata"]["uid"]
    cluster.podwright("up")  # again: nothing to do
    cluster.podwright("down")
    assert_as_before(before, cluster)
    cluster.podwright("up")
    assert cluster.get("deploy", "simpleserver")["metadata"]["uid"] == uid
    wait_for(lambda: len(cluster.ready(APP)) == 3, "the pods of before")


def test_two_clusters_do_not_meet(make_cluster: Callable[..., Cluster]) -> None:
    one, two = make_cluster("--nodes", "1"), make_cluster("--nodes", "1")
    for cluster in (one, two):
        cluster.pw("apply", "-f", str(EXAMPLE))
        cluster.pw("rollout", "status", "deployment/simpleserver", "--timeout", "60s")
    one.down()
    assert len(two.ready(APP)) == 3
    pod = two.ready(APP)[0]["metadata"]["name"]
    assert two.pw("exec", pod, "--", "hostname").out.strip() == pod


@pytest.fixture
def etcd(tmp_path: Path) -> Iterator[str]:
    if not shutil.which("etcd"):
        pytest.skip("needs Debian's etcd-server")
    ports: list[int] = []
    for _ in range(2):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            ports.append(s.getsockname()[1])
    client, peer = (f"http://127.0.0.1:{p}" for p in ports)
    process = subprocess.Popen(
        ["etcd", "--data-dir", str(tmp_path / "etcd"), "--listen-client-urls", client,
         "--advertise-client-urls", client,
         "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"etcd://127.0.0.1:{ports[0]}"
    process.terminate()
    process.wait()


@pytest.mark.etcd
def test_the_session_on_etcd(make_cluster: Callable[..., Cluster], etcd: str) -> None:
    cluster = make_cluster("--nodes", "2", "--store", etcd)
    cluster.pw("apply", "-f", str(EXAMPLE))
    cluster.pw("rollout", "status", "deployment/simpleserver", "--timeout", "60s")
    name = cluster.ready(APP)[0]["metadata"]["name"]
    assert cluster.pw("exec", name, "--", "hostname").out.strip() == name
    cluster.pw("scale", "deploy/simpleserver", "--replicas", "5")
    wait_for(lambda: len(cluster.ready(APP)) == 5, "5 Ready pods")
    cluster.pw("delete", "-f", str(EXAMPLE))
    wait_for(lambda: not cluster.pods(APP), "all pods to go")


def test_what_cannot_be_says_what_to_do(make_cluster: Callable[..., Cluster]) -> None:
    cluster = make_cluster("--nodes", "1")
    other = Cluster(cluster.data.parent / "other", cluster.port)
    taken = other.podwright("up", "--api-port", str(cluster.port), check=False)
    assert taken.code == 1
    assert "--api-port" in taken.err
    unknown = cluster.podwright("node", "stop", "node-9", check=False)
    assert "there are node-1" in unknown.err
    assert "podwright up" in other.podwright("down", check=False).err
    for done in (taken, unknown):
        assert "Traceback" not in done.err
