"""What every pod worker of a node shares: the ports, the settings, and the way out for what it reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from podwright.agent.pods.events import Events
from podwright.agent.pods.fields import NodeAmounts
from podwright.agent.pods.files import ClusterDns
from podwright.agent.pods.ports import Images, Objects, PodRef, Runtime, Sandboxes, Volumes
from podwright.agent.pods.resizing import Pending
from podwright.agent.pods.spec import JSON, Pod

PARALLEL_STARTS = 16  # containers being created at once on one node


class Reports(Protocol):
    """Where statuses go. Never blocks: the link keeps the newest of each pod until it is acknowledged."""

    def status(self, pod: PodRef, status: JSON) -> None:
        """Report a pod's whole status."""
        ...

    def gone(self, pod: PodRef) -> None:
        """Report that nothing of a deleted pod is left here."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What the node is and where its pods' folders are."""

    node_name: str
    host_ips: tuple[str, ...]
    pods_dir: Path  # <pods_dir>/<uid>/ holds files and logs of one pod
    memory_capacity: int = 0
    resolv_conf: Path = Path("/etc/resolv.conf")
    node_hosts: Path = Path("/etc/hosts")


@dataclass(slots=True)
class Host:
    """The node as a pod's worker sees it."""

    runtime: Runtime
    sandboxes: Sandboxes
    images: Images
    volumes: Volumes
    objects: Objects
    settings: Settings
    now: Callable[[], float]
    events: Events
    reports: Reports
    services: Callable[[str], tuple[Mapping[str, object], ...]]  # of a namespace, and the API's own
    dns: Callable[[], ClusterDns]
    amounts: Callable[[], NodeAmounts]
    resize_refusal: Callable[[Pod], Pending | None] = lambda _: None  # why a pod cannot be as large as it wants to be
    sandboxes_changed: Callable[[], None] = lambda: None  # a pod got its address, or lost it
    starting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PARALLEL_STARTS))

    def pod_dir(self, uid: str) -> Path:
        """The folder of one pod."""
        return self.settings.pods_dir / uid

    def log_path(self, uid: str, container: str, attempt: int) -> Path:
        """Where an attempt's log is written."""
        return self.pod_dir(uid) / "logs" / container / f"{attempt}.log"

    def ips(self, pod: Pod, sandbox_ips: tuple[str, ...]) -> tuple[str, ...]:
        """The pod's addresses: the node's own on the host network."""
        return self.settings.host_ips if pod["spec"].get("hostNetwork") else sandbox_ips
