"""Runs the few host commands that a lab needs. A refusal shows the line to repeat by hand."""

from __future__ import annotations

import json
import subprocess
from typing import Any


class HostCommandError(Exception):
    """A command failed. The message holds the command and what it said."""


def run(*command: str, stdin: str = "") -> str:
    """Run to the end and return its output. Raises HostCommandError."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, input=stdin, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as e:
        msg = f"cannot run `{' '.join(command)}`: {e}"
        raise HostCommandError(msg) from e
    if done.returncode:
        shown = f"{' '.join(command)}" + (f" <<< {stdin!r}" if stdin else "")
        msg = f"`{shown}` failed with exit status {done.returncode}: {done.stderr.strip() or done.stdout.strip()}"
        raise HostCommandError(msg)
    return done.stdout


def ask(*command: str) -> list[dict[str, Any]]:
    """Run a command that prints a JSON list (`ip -json ...`). Raises HostCommandError."""
    text = run(*command).strip()
    return json.loads(text) if text else []
