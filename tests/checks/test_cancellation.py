"""Python 3.11's asyncio.wait_for can lose a cancellation that arrives as the awaited thing ends; asyncio.timeout cannot.

A lost one is an agent that does not stop. So no room of the product uses the former.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from repository import ROOT, files

ROOMS = ("agent", "api", "apiserver", "cli", "client", "controllers", "deploy", "scheduler", "store")
MODULES = [f for f in files(".py") if f.relative_to(ROOT).parts[0] in ROOMS]


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_waits_with_wait_for(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == room
        for node in ast.walk(ast.parse(Path(path).read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "wait_for"
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncio"
    ]
    assert found == []
