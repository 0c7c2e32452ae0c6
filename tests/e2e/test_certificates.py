"""Certificates of a whole cluster: shown, made anew while everything runs; what a node's own one opens."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any

from e2e_cluster import EXAMPLE, Cluster, wait_for

MADE_ONCE = {"ca", "front-proxy-ca"}


def certificates(cluster: Cluster) -> dict[str, dict[str, Any]]:
    found = json.loads(cluster.podwright("cluster", "certs", "-o", "json").out)
    return {each["name"]: each for each in found["items"]}


def as_node(cluster: Cluster, node: str, path: str) -> int:
    """The status that the API answers a node's own certificate."""
    folder = cluster.data / "nodes" / node / "identity"
    context = ssl.create_default_context(cafile=str(cluster.data / "pki" / "ca.crt"))
    context.load_cert_chain(folder / "node.crt", folder / "node.key")
    connection = http.client.HTTPSConnection("127.0.0.1", cluster.port, context=context, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_certificates_are_made_anew_while_everything_runs(shared_cluster: Cluster) -> None:
    cluster = shared_cluster
    cluster.pw("apply", "-f", str(EXAMPLE))
    cluster.pw("rollout", "status", "deployment/simpleserver", "--timeout", "60s")
    before, processes = certificates(cluster), cluster.processes()
    paths = [*cluster.data.glob("pki/*.crt"), *cluster.data.glob("nodes/*/identity/node.crt")]
    files = {path: path.read_bytes() for path in paths if path.stem not in MADE_ONCE}
    assert set(before) >= {"ca", "admin", "apiserver", *(name for name in processes if name != "controlplane")}

    cluster.podwright("cluster", "certs", "renew")

    def renewed() -> bool:
        return all(path.read_bytes() != held for path, held in files.items())

    wait_for(renewed, "all certificates to be made anew")
    after = certificates(cluster)
    assert {name for name in after if after[name]["expires"] == before[name]["expires"]} <= MADE_ONCE
    assert cluster.processes() == processes  # nothing was started again
    pod = cluster.ready("app=simpleserver")[0]["metadata"]["name"]
    assert cluster.pw("exec", pod, "-c", "helper", "--", "echo", "still here").out.strip() == "still here"
    assert cluster.pw("get", "nodes").out.count(" Ready") == len(processes) - 1


def test_a_node_s_certificate_opens_what_is_its_own(shared_cluster: Cluster) -> None:
    cluster = shared_cluster
    wait_for(lambda: as_node(cluster, "node-1", "/api/v1/nodes/node-1") == 200, "the node to be known")
    for path in ("/api/v1/nodes/node-2", "/api/v1/nodes", "/api/v1/secrets", "/api/v1/pods", "/metrics"):
        assert as_node(cluster, "node-1", path) == 403, path
    assert as_node(cluster, "node-1", "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1") == 200
