"""Small API objects for scheduler tests."""

from __future__ import annotations

from typing import Any

from podwright.scheduler.node_info import NodeInfo, node_facts
from podwright.scheduler.pod_info import PodInfo, pod_info

JSON = dict[str, Any]


def node_json(
    name: str = "n", labels: dict[str, str] | None = None, taints: tuple[JSON, ...] = (), **offers: Any
) -> JSON:
    cordoned = offers.pop("unschedulable", False)
    allocatable = {"cpu": "4", "memory": "8Gi", "pods": "110", **{k.replace("_", "-"): v for k, v in offers.items()}}
    return {
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {"taints": list(taints), "unschedulable": cordoned},
        "status": {"allocatable": allocatable},
    }


def node(name: str = "n", **more: Any) -> NodeInfo:
    return NodeInfo(node_facts(node_json(name, **more)))


def pod_json(name: str = "p", requests: JSON | None = None, ports: list[JSON] | None = None, **spec: Any) -> JSON:
    container: JSON = {"name": "c", "image": "i", "resources": {"requests": requests or {}}}
    if ports:
        container["ports"] = ports
    return {
        "metadata": {"namespace": "ns", "name": name, "uid": f"uid-{name}", "generation": 1},
        "spec": {"schedulerName": "default-scheduler", "containers": [container], **spec},
        "status": {"phase": "Pending"},
    }


def claim_json(
    name: str = "c", volume: str = "", storage_class: str = "", mode: str = "ReadWriteOnce", **more: Any
) -> JSON:
    status = more.pop("status", {"phase": "Bound" if volume else "Pending"})
    return {
        "metadata": {"namespace": "ns", "name": name, **more},
        "spec": {"accessModes": [mode], "volumeName": volume, "storageClassName": storage_class},
        "status": status,
    }


def volume_json(name: str, labels: JSON | None = None, csi: JSON | None = None, **pinned: str) -> JSON:
    terms = [{"matchExpressions": [{"key": k, "operator": "In", "values": [v]} for k, v in pinned.items()]}]
    affinity = {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}} if pinned else {}
    return {"metadata": {"name": name, "labels": labels or {}}, "spec": {"csi": csi, **affinity}}


def mounts(*claims: str, ephemeral: tuple[str, ...] = ()) -> JSON:
    found = [{"name": f"v{i}", "persistentVolumeClaim": {"claimName": c}} for i, c in enumerate(claims)]
    return {"volumes": [*found, *({"name": name, "ephemeral": {}} for name in ephemeral)]}


def pod(name: str = "p", requests: JSON | None = None, **more: Any) -> PodInfo:
    return pod_info(pod_json(name, requests, **more))
