"""What the agent writes down about each sandbox, before it makes anything, so that whatever exists has an owner.

One folder per pod: `record.json`, the pinned ipc and uts namespaces and the pod's /dev/shm. A record is replaced
atomically; it is not synced to disk, because after a crash of the host there is no sandbox either.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from podwright.agent.linux.files import write_atomically
from podwright.agent.pods.ports import PodRef


@dataclass(frozen=True, slots=True)
class SandboxRecord:
    """One pod's sandbox as intended; `complete` once everything in it was made."""

    pod: PodRef
    host_network: bool
    ip: str
    complete: bool

    def encode(self) -> bytes:
        """As stored."""
        pod = {"namespace": self.pod.namespace, "name": self.pod.name, "uid": self.pod.uid}
        return orjson.dumps({"pod": pod, "hostNetwork": self.host_network, "ip": self.ip, "complete": self.complete})

    @staticmethod
    def decode(raw: bytes) -> SandboxRecord:
        """Raises ValueError on damage."""
        data: dict[str, Any] = orjson.loads(raw)
        try:
            return SandboxRecord(PodRef(**data["pod"]), data["hostNetwork"], data["ip"], data["complete"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"cannot read sandbox record: {error!r}") from error


class SandboxRecords:
    """The folder of all records."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def folder(self, uid: str) -> Path:
        """A pod's folder, there or not."""
        return self._root / uid

    def read(self, uid: str) -> SandboxRecord | None:
        """A pod's record; None when there is none or it is damaged."""
        try:
            return SandboxRecord.decode((self.folder(uid) / "record.json").read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def write(self, record: SandboxRecord) -> None:
        """Store a record, making its folder."""
        folder = self.folder(record.pod.uid)
        folder.mkdir(mode=0o700, exist_ok=True)
        write_atomically(folder / "record.json", record.encode())

    def uids(self) -> list[str]:
        """Every pod that has a folder, with a readable record or not."""
        return sorted(entry.name for entry in self._root.iterdir() if entry.is_dir())

    def delete(self, uid: str) -> None:
        """Forget a pod; what was mounted in its folder must be unmounted. The record goes last."""
        folder = self.folder(uid)
        for name in ("shm", "ipc", "uts"):
            with contextlib.suppress(FileNotFoundError):
                path = folder / name
                path.rmdir() if path.is_dir() else path.unlink()
        with contextlib.suppress(FileNotFoundError):
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()

    def last_address(self) -> str:
        """The address handed out most recently."""
        try:
            return (self._root / "last-address").read_text().strip()
        except FileNotFoundError:
            return ""

    def remember_address(self, address: str) -> None:
        """Note the address handed out most recently."""
        write_atomically(self._root / "last-address", address.encode())
