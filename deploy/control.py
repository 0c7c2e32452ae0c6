"""Talks to a cluster's supervisor over its socket, and finds what an earlier one left running."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from podwright.deploy.supervisor import start_time

JSON = dict[str, Any]


class SupervisorError(Exception):
    """The supervisor refused or does not answer."""


def ask(folder: Path, **request: Any) -> JSON | None:
    """Send one request; None when no supervisor runs. Raises SupervisorError."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(20.0)
            connection.connect(str(folder / "supervisor.sock"))
            connection.sendall(json.dumps(request).encode())
            text = b""
            while chunk := connection.recv(65536):
                text += chunk
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as e:
        msg = f"cannot reach the supervisor at {folder}: {e}"
        raise SupervisorError(msg) from e
    answer: JSON = json.loads(text)
    if "error" in answer:
        raise SupervisorError(str(answer["error"]))
    return answer


def end(folder: Path) -> None:
    """End the supervisor and wait until it and its children are gone; also what a dead one left running."""
    with contextlib.suppress(SupervisorError):
        ask(folder, do="end")
    deadline = time.monotonic() + 15.0
    while (folder / "supervisor.pid").exists() and time.monotonic() < deadline:
        pid = _number(folder / "supervisor.pid")
        if pid is None or not start_time(pid):
            break
        time.sleep(0.02)
    end_orphans(folder)


def end_orphans(folder: Path) -> None:
    """End the processes that pid files name and that are still the ones that were started."""
    for pid_file in folder.glob("*.pid"):
        if pid_file.name == "supervisor.pid":
            pid_file.unlink(missing_ok=True)
            continue
        parts = pid_file.read_text().split()
        if len(parts) == 2 and parts[0].isdigit() and start_time(int(parts[0])) == parts[1]:
            kill_and_wait(int(parts[0]))
        pid_file.unlink(missing_ok=True)
    (folder / "supervisor.sock").unlink(missing_ok=True)


def kill_and_wait(pid: int) -> None:
    """SIGKILL a process that is not our child and return when it is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        import select

        select.select([handle], [], [], 5.0)
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
