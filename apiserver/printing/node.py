"""The table of nodes."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import AGE, JSON, NAME, NONE, Cells, Column, Printer, age, meta, name, section

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE = "kubernetes.io/role"
_UNKNOWN = "<unknown>"


def _cells(node: JSON, now: datetime) -> Cells:
    status = section(node, "status")
    info: JSON = status.get("nodeInfo") or {}
    return [
        name(node),
        _state(node, status),
        _roles(node),
        age(node, now),
        info.get("kubeletVersion") or "",
        _address(status, "InternalIP"),
        _address(status, "ExternalIP"),
        info.get("osImage") or _UNKNOWN,
        _kernel(info),
        info.get("containerRuntimeVersion") or _UNKNOWN,
    ]


def _state(node: JSON, status: JSON) -> str:
    ready = [c.get("status") == "True" for c in status.get("conditions") or [] if c.get("type") == "Ready"]
    words = ["Unknown"] if not ready else ["Ready" if ready[-1] else "NotReady"]
    if section(node, "spec").get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(node: JSON) -> str:
    roles: set[str] = set()
    for key, value in (meta(node).get("labels") or {}).items():
        roles.add(key.removeprefix(_ROLE_PREFIX) if key.startswith(_ROLE_PREFIX) else value if key == _ROLE else "")
    return ",".join(sorted(roles - {""})) or NONE


def _address(status: JSON, kind: str) -> str:
    found = (a.get("address") or "" for a in status.get("addresses") or [] if a.get("type") == kind)
    return next(found, NONE)


def _kernel(info: JSON) -> str:
    kernel, architecture = info.get("kernelVersion"), info.get("architecture")
    if not kernel:
        return _UNKNOWN
    return f"{kernel} ({architecture})" if architecture else kernel


PRINTER = Printer(
    (
        NAME,
        Column("Status", "Whether the node is ready and takes new pods."),
        Column("Roles", "The node's roles, from its labels."),
        AGE,
        Column("Version", "The version of the node's agent."),
        Column("Internal-IP", "The node's address inside the cluster.", priority=1),
        Column("External-IP", "The node's address outside.", priority=1),
        Column("OS-Image", "The node's operating system.", priority=1),
        Column("Kernel-Version", "The node's kernel and architecture.", priority=1),
        Column("Container-Runtime", "What runs the node's containers.", priority=1),
    ),
    _cells,
)
