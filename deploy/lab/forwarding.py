"""IPv4 forwarding of the machine itself: on while any lab needs it, and as it was before when the last one goes.

The labs that need it and the value from before stand in one small file under a lock.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_SYSCTL = Path("/proc/sys/net/ipv4/ip_forward")
_RECORD = Path("/run/podwright/forwarding.json")


def acquire(cluster: str, *, sysctl: Path = _SYSCTL, record: Path = _RECORD) -> None:
    """Switch forwarding on for a cluster."""
    with _locked(record) as state:
        state.setdefault("before", sysctl.read_text().strip())
        state["clusters"] = sorted({*state.get("clusters", ()), cluster})
        sysctl.write_text("1")


def release(cluster: str, *, sysctl: Path = _SYSCTL, record: Path = _RECORD) -> None:
    """A cluster needs it no more; the last one restores what was."""
    if not record.exists():
        return
    with _locked(record) as state:
        state["clusters"] = [c for c in state.get("clusters", ()) if c != cluster]
        if not state["clusters"]:
            sysctl.write_text(str(state.get("before", "1")))
            state.clear()
    if not record.read_text().strip("{}\n "):
        record.unlink()
        with suppress(OSError):  # something else is in it
            record.parent.rmdir()


@contextmanager
def _locked(record: Path) -> Generator[dict[str, Any]]:
    record.parent.mkdir(parents=True, exist_ok=True)
    with record.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        state: dict[str, Any] = json.loads(file.read() or "{}")
        yield state
        file.seek(0)
        file.truncate()
        file.write(json.dumps(state))
