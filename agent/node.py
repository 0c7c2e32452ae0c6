"""The Node object of this machine: what it has, what it is, and whether it can run pods right now.

Capacity comes from the host unless the configuration overrides it. Reading the host is blocking and cheap; it is done
in a thread every few seconds.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podwright.agent.config import AgentConfig
from podwright.agent.pods.ports import Image
from podwright.agent.pods.spec import rfc3339

JSON = dict[str, Any]

AGENT_VERSION = "v1.36.0-podwright.0.1"
DEFAULT_PODS = 110
MAX_IMAGES = 50
LOW_MEMORY = 100 * 1024 * 1024  # bytes left
LOW_DISK = 0.05  # of the file system left
HIGH_PIDS = 0.9  # of the kernel's limit used
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}


@dataclass(frozen=True, slots=True)
class Machine:
    """What does not change while the agent runs."""

    cpus: int
    memory: int  # bytes
    machine_id: str
    boot_id: str
    system_uuid: str
    kernel: str
    os_image: str
    architecture: str
    apparmor: bool


@dataclass(frozen=True, slots=True)
class Pressure:
    """What is short right now."""

    memory: bool = False
    disk: bool = False
    pids: bool = False


def read_machine() -> Machine:
    """Look at the host. Blocks."""
    found = _key_values(_text("/etc/os-release"), "=")
    return Machine(
        cpus=os.cpu_count() or 1,
        memory=meminfo("MemTotal"),
        machine_id=_text("/etc/machine-id").strip(),
        boot_id=_text("/proc/sys/kernel/random/boot_id").strip(),
        system_uuid=_text("/sys/class/dmi/id/product_uuid").strip() or _text("/etc/machine-id").strip(),
        kernel=platform.release(),
        os_image=found.get("PRETTY_NAME", "Linux").strip('"'),
        architecture=_ARCHITECTURES.get(platform.machine(), platform.machine()),
        apparmor=_text("/sys/module/apparmor/parameters/enabled").startswith("Y"),
    )


def read_pressure(state_dir: Path) -> Pressure:
    """Look at what is left. Blocks."""
    disk = shutil.disk_usage(state_dir)
    limit = int(_text("/proc/sys/kernel/pid_max").strip() or 32768)
    tasks = _text("/proc/loadavg").split()[3].partition("/")[2] if _text("/proc/loadavg") else "0"
    return Pressure(
        memory=meminfo("MemAvailable") < LOW_MEMORY,
        disk=disk.free < disk.total * LOW_DISK,
        pids=int(tasks or 0) > limit * HIGH_PIDS,
    )


def meminfo(name: str) -> int:
    """Return a value of /proc/meminfo in bytes."""
    value = _key_values(_text("/proc/meminfo"), ":").get(name, "0 kB")
    return int(value.split()[0]) * 1024


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _key_values(text: str, separator: str) -> dict[str, str]:
    pairs = (line.partition(separator) for line in text.splitlines())
    return {key.strip(): value.strip() for key, found, value in pairs if found}


def capacity(config: AgentConfig, machine: Machine) -> dict[str, str]:
    """Return the node's amounts; overrides win, and may be larger than the machine (a laboratory's nodes share it)."""
    own = {"cpu": str(machine.cpus), "memory": f"{machine.memory // 1024}Ki", "pods": str(DEFAULT_PODS)}
    return own | {key: str(value) for key, value in config.capacity.items()}


def node_object(config: AgentConfig, machine: Machine, status: JSON) -> JSON:
    """Build the object to register."""
    labels = {
        "kubernetes.io/hostname": config.node_name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": machine.architecture,
        "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/arch": machine.architecture,
    }
    meta = {"name": config.node_name, "labels": labels | dict(config.labels)}
    return {"kind": "Node", "apiVersion": "v1", "metadata": meta, "spec": {}, "status": status}


@dataclass(frozen=True, slots=True)
class Health:
    """What keeps the node from running pods; empty texts mean nothing does."""

    runtime: str = ""
    network: str = ""

    def problem(self) -> str:
        """Say what is wrong in one line."""
        parts = [("container runtime", self.runtime), ("network", self.network)]
        return "; ".join(f"{what} is not ready: {why}" for what, why in parts if why)


def node_status(
    config: AgentConfig,
    machine: Machine,
    pressure: Pressure,
    health: Health,
    *,
    runtime_version: str,
    images: Sequence[Image],
    old: Mapping[str, Any],
    now: float,
) -> JSON:
    """Build the status. `old` is the one before: conditions that stay keep their lastTransitionTime."""
    amounts = capacity(config, machine)
    before = {c["type"]: c for c in old.get("conditions") or ()}
    return {
        "capacity": amounts,
        "allocatable": amounts,
        "conditions": [_stamped(c, before.get(c["type"]), rfc3339(now)) for c in _conditions(pressure, health)],
        "addresses": [
            {"type": "InternalIP", "address": config.node_ip},
            {"type": "Hostname", "address": config.node_name},
        ],
        "nodeInfo": {
            "machineID": machine.machine_id,
            "systemUUID": machine.system_uuid,
            "bootID": machine.boot_id,
            "kernelVersion": machine.kernel,
            "osImage": machine.os_image,
            "containerRuntimeVersion": runtime_version,
            "kubeletVersion": AGENT_VERSION,
            "kubeProxyVersion": "",
            "operatingSystem": "linux",
            "architecture": machine.architecture,
        },
        "images": _images(images),
    }


def _conditions(pressure: Pressure, health: Health) -> list[JSON]:
    problem = health.problem()
    ready: JSON = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "the agent runs pods"}
    if problem:
        ready |= {"status": "False", "reason": "KubeletNotReady", "message": problem}
    return [
        _pressure("MemoryPressure", "SufficientMemory", "InsufficientMemory", "memory", short=pressure.memory),
        _pressure("DiskPressure", "NoDiskPressure", "DiskPressure", "disk space", short=pressure.disk),
        _pressure("PIDPressure", "SufficientPID", "InsufficientPID", "process ids", short=pressure.pids),
        ready,
    ]


def _pressure(kind: str, good: str, bad: str, what: str, *, short: bool) -> JSON:
    status, word, text = ("True", bad, "is short of") if short else ("False", good, "has sufficient")
    return {"type": kind, "status": status, "reason": f"KubeletHas{word}", "message": f"the node {text} {what}"}


def _stamped(condition: JSON, old: Mapping[str, Any] | None, now: str) -> JSON:
    same = old is not None and old.get("status") == condition["status"]
    since = old.get("lastTransitionTime") if same and old else None
    return {**condition, "lastHeartbeatTime": now, "lastTransitionTime": since or now}


def _images(images: Sequence[Image]) -> list[JSON]:
    largest = sorted(images, key=lambda i: (-i.size_bytes, i.id))[:MAX_IMAGES]
    names = [([image.digest] if image.digest else []) + list(image.names) for image in largest]
    return [{"names": n, "sizeBytes": i.size_bytes} for n, i in zip(names, largest, strict=True) if n]


def without_heartbeat(status: Mapping[str, Any]) -> JSON:
    """Return a status without the times that change with every look."""
    conditions = [{k: v for k, v in c.items() if k != "lastHeartbeatTime"} for c in status.get("conditions") or ()]
    return {**status, "conditions": conditions}
