"""A container's folder: everything the agent knows about it, readable after any crash, written by few.

    record.json    what it is; written first, deleted last                 (agent)
    config.json    the OCI bundle; rootfs/ is its mounted root             (agent)
    process.json   pid and monitor, named beyond pid reuse; created        (agent, once create succeeded)
    refusal.json   why the runtime would not create its process            (agent)
    started        Unix time of the start                                  (agent)
    conmon.pid, pid, attach, ctl, winsz, exit, oom                         (conmon)

Reading never fails on damage: a folder that makes no sense is a container in state LOST.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from podwright.agent.linux.files import write_atomically
from podwright.agent.linux.processes import ProcessId
from podwright.agent.pods.ports import ContainerConfig, PodRef


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """What a container is, as far as it must be known later."""

    id: str
    pod: PodRef
    name: str
    attempt: int
    cgroup: str
    created_at: float
    image_id: str
    image_digest: str
    log_path: str
    tty: bool
    stdin: bool
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    @staticmethod
    def of(config: ContainerConfig, cgroup: str, now: float) -> ContainerRecord:
        """From the configuration it is made of."""
        return ContainerRecord(
            id=config.id,
            pod=config.pod,
            name=config.name,
            attempt=config.attempt,
            cgroup=cgroup,
            created_at=now,
            image_id=config.image.id,
            image_digest=config.image.digest,
            log_path=config.log_path,
            tty=config.tty,
            stdin=config.stdin,
            labels=dict(config.labels),
        )


@dataclass(frozen=True, slots=True)
class Processes:
    """The container's first process and its monitor."""

    container: ProcessId
    monitor: ProcessId


class ContainerFolder:
    """Reads and writes one container's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rootfs = path / "rootfs"
        self.config = path / "config.json"
        self.attach = path / "attach"
        self.control = path / "ctl"

    def write_record(self, record: ContainerRecord) -> None:
        """Store what it is, making the folder."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self.path / "record.json", orjson.dumps(record))

    def record(self) -> ContainerRecord | None:
        """What it is; None when unknown."""
        data = self._json("record.json")
        if data is None:
            return None
        try:
            pod = PodRef(**data.pop("pod"))
            return ContainerRecord(pod=pod, **data)
        except (KeyError, TypeError):
            return None

    def write_processes(self, processes: Processes) -> None:
        """Store who runs it; this completes the creation."""
        write_atomically(self.path / "process.json", orjson.dumps(asdict(processes)))

    def processes(self) -> Processes | None:
        """Who runs it; None before the creation was complete."""
        data = self._json("process.json")
        if data is None:
            return None
        try:
            return Processes(container=ProcessId(**data["container"]), monitor=ProcessId(**data["monitor"]))
        except (KeyError, TypeError):
            return None

    def write_refusal(self, message: str, now: float) -> None:
        """Store why its process could not be created."""
        write_atomically(self.path / "refusal.json", orjson.dumps({"message": message, "at": now}))

    def refusal(self) -> tuple[str, float] | None:
        """Why its process could not be created, and when; None when it could."""
        data = self._json("refusal.json")
        return (str(data.get("message", "")), float(data.get("at", 0))) if data is not None else None

    def write_started(self, now: float) -> None:
        """Store when it was started."""
        write_atomically(self.path / "started", repr(now).encode())

    def started_at(self) -> float:
        """When it was started; 0 when that is not known."""
        try:
            return float((self.path / "started").read_text())
        except (FileNotFoundError, ValueError):
            return 0.0

    def pid_file(self, name: str) -> int:
        """A pid written by conmon ("pid") or for it ("conmon.pid"); 0 when there is none."""
        try:
            return int((self.path / name).read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def exit(self) -> tuple[int, float] | None:
        """Exit code and when the monitor wrote it; None while it has not."""
        file = self.path / "exit"
        try:
            return int(file.read_text()), file.stat().st_mtime
        except (FileNotFoundError, ValueError):
            return None

    def oom(self) -> bool:
        """Whether the monitor saw the kernel kill one of its processes for memory."""
        return (self.path / "oom").exists()

    def _json(self, name: str) -> dict[str, Any] | None:
        try:
            data = orjson.loads((self.path / name).read_bytes())
        except (FileNotFoundError, NotADirectoryError, orjson.JSONDecodeError):
            return None
        return data if isinstance(data, dict) else None
