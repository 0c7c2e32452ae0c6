"""Nodes without machines: three that take pods and report them as a node would, and one too small for most.

Bound pods become Running and Ready at once, ending ones are removed at once. An image whose name holds "broken" is
never pulled.
"""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.client.client import Client

JSON = dict[str, Any]
NODES = {"node-1": ("4", "8Gi"), "node-2": ("4", "8Gi"), "node-3": ("4", "8Gi"), "node-small": ("200m", "64Mi")}
POD, NODE, LEASE = find("pods"), find("nodes"), find("leases", "coordination.k8s.io")


async def run_nodes(client: Client, ready: asyncio.Event) -> None:
    """Register the nodes, then play their part until cancelled."""
    for index, (name, (cpu, memory)) in enumerate(NODES.items(), 1):
        await client.create(NODE, _node(name, index, cpu, memory))
        lease: JSON = {"metadata": {"name": name}, "spec": {"holderIdentity": name, "leaseDurationSeconds": 40}}
        await client.create(LEASE, lease, namespace="kube-node-lease")
    ready.set()
    addresses = itertools.count(2)
    while True:
        async with aclosing(client.watch(POD, initial=True)) as events:
            async for kind, pod in events:
                if kind in {"ADDED", "MODIFIED"} and pod["spec"].get("nodeName") in NODES:
                    await _play(client, pod, addresses)


async def _play(client: Client, pod: JSON, addresses: itertools.count[int]) -> None:
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    try:
        if pod["metadata"].get("deletionTimestamp"):
            await client.delete(POD, name, namespace=namespace, grace_period=0, uid=pod["metadata"]["uid"])
            return
        images = [c["image"] for c in pod["spec"]["containers"]]
        if [s["image"] for s in (pod.get("status") or {}).get("containerStatuses") or ()] == images:
            return
        patch = {"status": _status(pod, next(addresses))}
        await client.patch(POD, name, patch, type="strategic", namespace=namespace, subresource="status")
    except ApiError as error:
        if error.code not in {404, 409}:  # the pod is gone, or another of its name is there
            raise


def _status(pod: JSON, number: int) -> JSON:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    statuses: list[JSON] = []
    for container in pod["spec"]["containers"]:
        broken = "broken" in container["image"]
        waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling the image"}}
        statuses.append(
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "" if broken else "sha256:" + "0" * 64,
                "containerID": "" if broken else f"podwright://{number:064x}",
                "ready": not broken,
                "started": not broken,
                "restartCount": 0,
                "state": waiting if broken else {"running": {"startedAt": now}},
                "lastState": {},
            }
        )
    well = all(s["ready"] for s in statuses)
    truth = {"PodReadyToStartContainers": True, "Initialized": True, "Ready": well, "ContainersReady": well}
    return {
        "phase": "Running" if well else "Pending",
        "conditions": [{"type": t, "status": str(v), "lastTransitionTime": now} for t, v in truth.items()],
        "hostIP": "192.0.2.1",
        "hostIPs": [{"ip": "192.0.2.1"}],
        "podIP": f"10.244.{number // 250}.{number % 250}",
        "podIPs": [{"ip": f"10.244.{number // 250}.{number % 250}"}],
        "startTime": now,
        "containerStatuses": statuses,
    }


def _node(name: str, index: int, cpu: str, memory: str) -> JSON:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"lastHeartbeatTime": now, "lastTransitionTime": now}
    well = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "the node is ready"}
    amounts = {"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "10Gi"}
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}},
        "spec": {"podCIDR": f"10.244.{index}.0/24", "podCIDRs": [f"10.244.{index}.0/24"]},
        "status": {
            "capacity": amounts,
            "allocatable": amounts,
            "addresses": [
                {"type": "InternalIP", "address": f"192.0.2.{index}"},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [{**well, **condition}],
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": "b",
                "containerRuntimeVersion": "podwright://0.1",
                "kernelVersion": "6.1",
                "kubeProxyVersion": "",
                "kubeletVersion": "v1.32.0",
                "machineID": "m",
                "operatingSystem": "linux",
                "osImage": "Debian 12",
                "systemUUID": "s",
            },
        },
    }
