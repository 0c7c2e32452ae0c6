"""Keeps the processes of one cluster alive: the control plane, and in each node's namespace its agent.

A small process of its own that imports little. It starts what should run, starts it again with back-off when it ends,
and obeys one-line JSON requests on <data>/run/supervisor.sock:

    {"do": "status"}   {"do": "stop", "process": "node-1"}   {"do": "start", "process": "node-1"}
    {"do": "renew"}    {"do": "end"}

It holds nothing that matters: containers live under conmon, and a supervisor that dies is replaced by the next `up`,
which ends what the old one had started (agents and control plane, never containers) and starts anew.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BACKOFF = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_LIVED = 10.0  # seconds after which a process counts as well started
_LOG_LIMIT = 16 << 20
_END_GRACE = 10.0

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep alive. Its output goes to `log`; its pid is kept in `pid_file`."""

    name: str
    command: Sequence[str]
    log: Path
    pid_file: Path
    stopped: bool = False


@dataclass(slots=True)
class Child:
    """A program as it is now. `next_start` is monotonic seconds; 0 when it runs or is stopped."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    stopped: bool = False
    started_at: float = 0.0
    failures: int = 0
    restarts: int = 0
    next_start: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """The children of one cluster and the socket that commands come in on."""

    folder: Path
    children: dict[str, Child] = field(default_factory=dict[str, Child])
    ending: bool = False

    def run(self, programs: Sequence[Program]) -> None:
        """Serve until told to end. Blocks."""
        for program in programs:
            self.children[program.name] = Child(program, stopped=program.stopped)
        self.folder.mkdir(parents=True, exist_ok=True)
        wake = _wake_on_signals((signal.SIGCHLD, signal.SIGTERM, signal.SIGINT), self._signalled)
        address = self.folder / "supervisor.sock"
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(address))
            address.chmod(0o600)
            listener.listen(16)
            (self.folder / "supervisor.pid").write_text(str(os.getpid()))
            try:
                while not self.ending:
                    self._reap()
                    self._start_due()
                    ready, _, _ = select.select([listener, wake], [], [], self._pause())
                    if wake in ready:
                        wake.recv(4096)
                    if listener in ready:
                        self._serve(listener)
            finally:
                self._end_all()
                address.unlink(missing_ok=True)
                (self.folder / "supervisor.pid").unlink(missing_ok=True)

    def _signalled(self, number: int) -> None:
        if number != signal.SIGCHLD:
            self.ending = True

    def _pause(self) -> float | None:
        """Seconds until the next start is due; None when nothing waits."""
        due = [c.next_start for c in self.children.values() if c.next_start]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self.children.values():
            if child.process is None and not child.stopped and child.next_start <= now:
                self._start(child)

    def _start(self, child: Child) -> None:
        program = child.program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists() and program.log.stat().st_size > _LOG_LIMIT:
            program.log.replace(program.log.with_suffix(".log.1"))
        with program.log.open("ab") as log:
            child.process = subprocess.Popen(
                program.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        child.started_at, child.next_start = time.monotonic(), 0.0
        program.pid_file.write_text(f"{child.process.pid} {start_time(child.process.pid)}")

    def _reap(self) -> None:
        for child in self.children.values():
            if child.process is None or child.process.poll() is None:
                continue
            child.process = None
            child.program.pid_file.unlink(missing_ok=True)
            if child.stopped:
                continue
            lived = time.monotonic() - child.started_at
            child.failures = 0 if lived > _LIVED else child.failures + 1
            child.restarts += 1
            wait = _BACKOFF[min(child.failures, len(_BACKOFF) - 1)]
            child.next_start = time.monotonic() + wait

    def _serve(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5.0)
            try:
                answer = self._obey(json.loads(connection.recv(65536) or b"{}"))
            except (ValueError, KeyError, OSError) as e:
                answer = {"error": f"cannot obey: {e!r}"}
            with contextlib.suppress(OSError):  # who asked may be gone
                connection.sendall(json.dumps(answer).encode() + b"\n")

    def _obey(self, request: JSON) -> JSON:
        verbs: Mapping[str, Callable[[JSON], JSON]] = {
            "status": lambda _: self._status(),
            "stop": self._stop,
            "start": self._restart,
            "renew": lambda _: self._renew(),
            "end": self._end,
        }
        verb = verbs.get(str(request.get("do")))
        return verb(request) if verb else {"error": f"unknown request {request.get('do')!r}"}

    def _status(self) -> JSON:
        return {
            name: {
                "pid": child.process.pid if child.process else 0,
                "stopped": child.stopped,
                "restarts": child.restarts,
            }
            for name, child in self.children.items()
        }

    def _stop(self, request: JSON) -> JSON:
        """Kill a process the hard way and keep it stopped."""
        child = self.children[str(request["process"])]
        child.stopped, child.next_start = True, 0.0
        if child.process is not None:
            child.process.kill()
            child.process.wait()
            child.process = None
            child.program.pid_file.unlink(missing_ok=True)
        return {"stopped": child.program.name}

    def _restart(self, request: JSON) -> JSON:
        child = self.children[str(request["process"])]
        child.stopped, child.failures = False, 0
        if child.process is None:
            self._start(child)
        return {"started": child.program.name}

    def _renew(self) -> JSON:
        """Tell all that run to make their certificates anew."""
        told = [name for name, child in self.children.items() if child.process is not None]
        for name in told:
            process = self.children[name].process
            if process is not None:
                process.send_signal(signal.SIGHUP)
        return {"renewing": told}

    def _end(self, _: JSON) -> JSON:
        self.ending = True
        return {"ending": True}

    def _end_all(self) -> None:
        """Ask all to end, then make them: agents let their containers be, `down` removes those."""
        for child in self.children.values():
            if child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + _END_GRACE
        for child in self.children.values():
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            child.program.pid_file.unlink(missing_ok=True)


def _wake_on_signals(numbers: Sequence[int], callback: Callable[[int], None]) -> socket.socket:
    """A socket that becomes readable after a signal: select() alone is begun again by Python after one."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.detach(), warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, lambda found, _frame: callback(found))
    return ours


def start_time(pid: int) -> str:
    """The kernel's start time of a process: with it a pid names one process for ever. "" when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def main() -> None:
    """Entry point: `python -m podwright.deploy.supervisor --programs FILE`; the file lists the programs as JSON."""
    parser = argparse.ArgumentParser(prog="podwright-supervisor", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--programs", type=Path, required=True)
    arguments = parser.parse_args()
    entries: list[JSON] = json.loads(arguments.programs.read_text())
    programs = [
        Program(e["name"], e["command"], Path(e["log"]), Path(e["pid_file"]), bool(e.get("stopped"))) for e in entries
    ]
    Supervisor(arguments.folder).run(programs)
    sys.exit(0)


if __name__ == "__main__":
    main()
