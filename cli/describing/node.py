"""`pw describe node`: what it is, how it is, and what runs there. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podwright.api.quantity import canonical, milli, whole
from podwright.cli.describing.page import Page, age, annotation_rows, events, stamp

JSON = Mapping[str, Any]

_ROLE = "node-role.kubernetes.io/"
_INFO = (
    ("Machine ID", "machineID"),
    ("System UUID", "systemUUID"),
    ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"),
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
)


def describe(node: JSON, found: Sequence[JSON], now: dt.datetime, lease: JSON | None, pods: Sequence[JSON]) -> str:
    """The page of a node; `pods` are those bound to it."""
    page = Page()
    metadata, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    page.field("Name", metadata["name"])
    labels: Mapping[str, str] = metadata.get("labels") or {}
    roles = sorted(k.removeprefix(_ROLE) for k in labels if k.startswith(_ROLE))
    page.field("Roles", ",".join(roles) or "<none>")
    page.pairs("Labels", labels)
    annotation_rows(page, node)
    page.field("CreationTimestamp", stamp(metadata.get("creationTimestamp")))
    page.rows("Taints", (_taint(t) for t in spec.get("taints") or ()))
    page.field("Unschedulable", str(bool(spec.get("unschedulable"))).lower())
    page.line("Lease:")
    held: JSON = (lease or {}).get("spec") or {}
    page.field("HolderIdentity", held.get("holderIdentity", "<unset>"), 1)
    page.field("AcquireTime", stamp(held.get("acquireTime")), 1)
    page.field("RenewTime", stamp(held.get("renewTime")), 1)
    if status.get("conditions"):
        page.line("Conditions:")
        page.table(
            ("Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"),
            [
                (
                    c["type"],
                    c["status"],
                    stamp(c.get("lastHeartbeatTime")),
                    stamp(c.get("lastTransitionTime")),
                    c.get("reason", ""),
                    c.get("message", ""),
                )
                for c in status["conditions"]
            ],
        )
    page.line("Addresses:")
    for address in status.get("addresses") or ():
        page.field(address["type"], address["address"], 1)
    for title, key in (("Capacity", "capacity"), ("Allocatable", "allocatable")):
        page.line(f"{title}:")
        for name, value in sorted((status.get(key) or {}).items()):
            page.field(name, value, 1)
    page.line("System Info:")
    info = status.get("nodeInfo") or {}
    for title, key in _INFO:
        page.field(title, info.get(key, ""), 1)
    if spec.get("podCIDR"):
        page.field("PodCIDR", spec["podCIDR"])
        page.field("PodCIDRs", ",".join(spec.get("podCIDRs") or ()))
    _pods(page, pods, status.get("allocatable") or {}, now)
    events(page, found, now)
    return page.text()


def _taint(taint: JSON) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint['effect']}"


def _pods(page: Page, pods: Sequence[JSON], allocatable: JSON, now: dt.datetime) -> None:
    live = [p for p in pods if (p.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}]
    page.field("Non-terminated Pods", f"({len(live)} in total)")
    totals = {(kind, name): 0 for kind in ("requests", "limits") for name in ("cpu", "memory")}
    rows: list[tuple[str, ...]] = []
    for pod in sorted(live, key=lambda p: (p["metadata"]["namespace"], p["metadata"]["name"])):
        cells = [pod["metadata"]["namespace"], pod["metadata"]["name"]]
        for name in ("cpu", "memory"):
            for kind in ("requests", "limits"):
                value = _sum(pod["spec"]["containers"], kind, name)
                totals[kind, name] += value
                cells.append(_share(name, value, allocatable))
        rows.append((*cells, age(pod["metadata"].get("creationTimestamp"), now)))
    titles = ("Namespace", "Name", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age")
    page.table(titles, rows)
    page.line("Allocated resources:")
    page.line("(Total limits may be over 100 percent, i.e., overcommitted.)", 1)
    page.table(
        ("Resource", "Requests", "Limits"),
        [
            (
                name,
                _share(name, totals["requests", name], allocatable),
                _share(name, totals["limits", name], allocatable),
            )
            for name in ("cpu", "memory")
        ],
    )


def _sum(containers: Iterable[JSON], kind: str, name: str) -> int:
    values = [((c.get("resources") or {}).get(kind) or {}).get(name, "0") for c in containers]
    return sum((milli if name == "cpu" else whole)(v) for v in values)


def _share(name: str, value: int, allocatable: JSON) -> str:
    total = (milli if name == "cpu" else whole)(allocatable.get(name, "0"))
    if name == "cpu":
        text = canonical(f"{value}m")
    else:
        power = next((p for p in (3, 2, 1) if value and value % 1024**p == 0), 0)
        text = f"{value // 1024**power}{('', 'Ki', 'Mi', 'Gi')[power]}"
    return f"{text} ({value * 100 // total if total else 0}%)"
