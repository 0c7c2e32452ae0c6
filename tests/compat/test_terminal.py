"""pw on a terminal: colours, names in full however narrow it is, and a watch that changes in place."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from clients import Tool

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@contextmanager
def on_terminal(tool: Tool, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The tool with a terminal of 40 columns as its output; yields the process and the terminal's other end."""
    ours, theirs = pty.openpty()
    command = [tool.program, "--kubeconfig", str(tool.cluster.kubeconfig), "-n", tool.namespace, *arguments]
    environment = {k: v for k, v in {**os.environ, **tool.environment}.items() if k != "NO_COLOR"}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "40", "LINES": "20"},
    )  # fmt: skip
    os.close(theirs)
    try:
        yield process, ours
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(30)
        os.close(ours)


def read(terminal: int, until: str = "") -> str:
    """What is shown, up to a text or to the end."""
    shown = ""
    while not (until and until in shown):
        try:
            shown += os.read(terminal, 65536).decode()
        except OSError:  # the other end is closed
            return shown
    return shown


def test_names_are_shown_in_full_and_states_in_colour(pw: Tool) -> None:
    name = "a-pod-with-a-name-that-is-longer-than-the-terminal-is-wide"
    pod = {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "c:1"}]}}
    pw.cluster.api("POST", f"/api/v1/namespaces/{pw.namespace}/pods", pod)
    pw("wait", "--for=condition=Ready", f"pod/{name}")

    with on_terminal(pw, "get", "pods") as (_, terminal):
        shown = read(terminal)
    assert name in _CONTROL.sub("", shown).replace("\r\n", "")
    assert "\x1b[32mRunning" in shown


def test_a_watch_changes_in_place(pw: Tool) -> None:
    pw("create", "cm", "one")
    with on_terminal(pw, "get", "cm", "-w") as (process, terminal):
        read(terminal, "one")
        pw("create", "cm", "two", "--from-literal=a=b")
        shown = read(terminal, "two")
        pw("delete", "cm", "one")
        while "one" in shown:
            shown = read(terminal, "two")
        process.send_signal(signal.SIGINT)
        rest = read(terminal)
    assert "\x1b[1A" in shown  # the cursor goes up to draw over what was there
    assert "Traceback" not in rest
    assert process.returncode == 130
