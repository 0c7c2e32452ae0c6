"""The table of pods."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.ages import since
from podwright.apiserver.printing.pod_status import summarize
from podwright.apiserver.printing.printer import AGE, JSON, NAME, NONE, Cells, Column, Printer, age, name, section

_ENDINGS = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}


def _cells(pod: JSON, now: datetime) -> Cells:
    spec, status, summary = section(pod, "spec"), section(pod, "status"), summarize(pod)
    restarts = str(summary.restarts)
    if summary.restarts and summary.last_restart:
        restarts += f" ({since(summary.last_restart, now)} ago)"
    addresses = status.get("podIPs") or [{}]
    return [
        name(pod),
        f"{summary.ready}/{summary.total}",
        summary.status,
        restarts,
        age(pod, now),
        addresses[0].get("ip") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _gates(spec, status),
    ]


def _gates(spec: JSON, status: JSON) -> str:
    gates = spec.get("readinessGates") or []
    if not gates:
        return NONE
    held = {c.get("type") for c in status.get("conditions") or [] if c.get("status") == "True"}
    return f"{sum(gate.get('conditionType') in held for gate in gates)}/{len(gates)}"


def _conditions(pod: JSON) -> list[JSON]:
    phase = section(pod, "status").get("phase", "")
    if phase not in _ENDINGS:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _ENDINGS[phase]}]


PRINTER = Printer(
    (
        NAME,
        Column("Ready", "How many of the pod's containers are ready."),
        Column("Status", "What the pod does, or what keeps it from running."),
        Column("Restarts", "How often its containers were restarted, and when last."),
        AGE,
        Column("IP", "The pod's address.", priority=1),
        Column("Node", "The node the pod is bound to.", priority=1),
        Column("Nominated Node", "The node where room is being made for the pod.", priority=1),
        Column("Readiness Gates", "How many of the pod's readiness gates are open.", priority=1),
    ),
    _cells,
    _conditions,
)
