"""The supervisor tells what runs to make its certificates anew, and nothing else."""

import signal
from pathlib import Path
from types import SimpleNamespace

from podwright.deploy.supervisor import Child, Program, Supervisor


def child(name: str, *, running: bool, sent: list[tuple[str, int]]) -> Child:
    program = Program(name, ["true"], Path("log"), Path("pid"))
    process = SimpleNamespace(send_signal=lambda number: sent.append((name, number)))
    return Child(program, process if running else None)  # type: ignore[arg-type]


def test_who_runs_is_told_to_renew() -> None:
    sent: list[tuple[str, int]] = []
    children = {name: child(name, running=name != "node-2", sent=sent) for name in ("controlplane", "node-1", "node-2")}
    answer = Supervisor(Path("nowhere"), children)._obey({"do": "renew"})
    assert answer == {"renewing": ["controlplane", "node-1"]}
    assert sent == [("controlplane", signal.SIGHUP), ("node-1", signal.SIGHUP)]
