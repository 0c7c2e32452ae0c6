"""Python 3.11's asyncio.wait_for can lose a cancellation that arrives as the awaited thing ends; asyncio.timeout cannot.

Its asyncio.TaskGroup loses one that arrives as a child fails; `podwright.client.tasks.TaskGroup` does not. A lost one is an
agent that does not stop. So no room of the product uses the former two.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from repository import ROOT, files

ROOMS = ("agent", "api", "apiserver", "cli", "client", "controllers", "deploy", "scheduler", "store")
USES = {"wait_for": set[str](), "TaskGroup": {"client/tasks.py"}}
MODULES = [f for f in files(".py") if f.relative_to(ROOT).parts[0] in ROOMS]


@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("room", ROOMS)
def test_nothing_loses_cancellations(room: str, name: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == room and str(path.relative_to(ROOT)) not in USES[name]
        for node in ast.walk(ast.parse(Path(path).read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncio"
    ]
    assert found == []
