"""Turns what an OCI runtime writes when it cannot execute a command into one form, whichever runtime wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_MISSING: Final = re.compile(r"executable file [`'\"]?(?P<name>.*?)[`'\"]? not found in \$PATH")
_DENIED: Final = re.compile(r"open executable: (?P<why>[^\n]+)")
_FOLDER: Final = re.compile(r"chdir [`'\"](?P<name>.*?)[`'\"]?: (?P<why>[^\n]+)")
_RUNC: Final = re.compile(r"(?:unable to start container process|exec failed): (?P<why>exec: .*|chdir .*)", re.DOTALL)
_TIMESTAMP: Final = re.compile(r"^\S*\d{2}:\d{2}:\d{2}\S*: ")
_NOISE: Final = re.compile(r'^time="[^"]*" level=\w+ msg="(?P<text>(?:[^"\\]|\\.)*)"$', re.MULTILINE)


def explain(message: str, command: Sequence[str]) -> str:
    """The runtime's message in short; for a command that cannot be executed: exec: "x": why."""
    logged = _NOISE.search(message)
    text = logged["text"].replace('\\"', '"') if logged else message.strip()
    program = command[0] if command else ""
    if (match := _RUNC.search(text)) is not None:
        return match["why"].strip()
    if _MISSING.search(text):
        if "/" in program:
            return f'exec: "{program}": stat {program}: no such file or directory'
        return f'exec: "{program}": executable file not found in $PATH'
    if (match := _DENIED.search(text)) is not None:
        return f'exec: "{program}": {match["why"].strip().lower()}'
    if (match := _FOLDER.search(text)) is not None:
        return f'chdir to working directory "{match["name"]}": {match["why"].strip().lower()}'
    return _TIMESTAMP.sub("", text)
