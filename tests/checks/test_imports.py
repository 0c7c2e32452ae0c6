"""What may not be imported where: brains do no input or output, and the CLI starts light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The brains: plain functions of what they are given. `os.path` (names, no files) is all of `os` that they may use.
PURE = (
    *sorted((ROOT / "api").rglob("*.py")),
    ROOT / "scheduler" / "decide.py",
    *sorted((ROOT / "scheduler" / "filters").glob("*.py")),
    *sorted((ROOT / "scheduler" / "scores").glob("*.py")),
    *(
        ROOT / "controllers" / f"{kind}.py"
        for kind in ("deployment", "replicaset", "rollout", "node_health", "endpoints")
    ),
    *(ROOT / "agent" / "pods" / f"{name}.py" for name in ("actions", "status", "env", "resources", "backoff")),
)
FORBIDDEN = {"asyncio", "aiohttp", "grpc", "sqlite3", "subprocess", "random", "socket", "time"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", PURE, ids=lambda p: str(p.relative_to(ROOT)))
def test_brains_do_no_io(path: Path) -> None:
    assert FORBIDDEN & set(imported(path)) == set()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("podwright.cli.main", {"aiohttp", "grpc", "rich", "yaml", "pydantic_core", "cryptography"}),
        (
            "podwright.deploy.supervisor",
            {"asyncio", "aiohttp", "grpc", "yaml", "pydantic_core", "cryptography", "rich"},
        ),
        ("podwright.agent.main", {"aiohttp", "yaml", "rich"}),
        ("podwright.apiserver.server", {"grpc", "yaml", "pydantic"}),
    ],
)
def test_start_up_stays_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert heavy & set(loaded) == set()
