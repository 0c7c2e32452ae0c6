"""Decisions are pure, and the command line is light: what modules may not import, even by way of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT, reached

EFFECTS = frozenset(
    ("aiohttp", "asyncio", "grpc", "os", "random", "socket", "sqlite3", "subprocess", "threading", "time", "uvloop")
)
# the parts of controllers/ that wait, act or wire; all others decide
SHELLS = frozenset(("caches", "controller", "custom_kinds", "live", "manager", "own_writes", "runner", "scales"))


def pure_modules() -> list[Path]:
    found = [*ROOT.glob("api/**/*.py"), ROOT / "scheduler/decide.py"]
    found += [*ROOT.glob("scheduler/filters/*.py"), *ROOT.glob("scheduler/scores/*.py")]
    found += [f for f in ROOT.glob("controllers/*.py") if f.stem not in SHELLS]
    found += [ROOT / "agent/pods/actions.py", ROOT / "agent/pods/status.py"]
    return sorted(f for f in found if f.name != "__init__.py")


@pytest.mark.parametrize("module", pure_modules(), ids=lambda f: str(f.relative_to(ROOT)))
def test_decisions_have_no_effects(module: Path) -> None:
    ways = {name: way for name, way in reached(module).items() if name.split(".")[0] in EFFECTS}

    assert not ways, "\n".join(" -> ".join(way) for way in ways.values())


HEAVY = ("aiohttp", "grpc", "pydantic", "rich", "yaml", "cryptography", "uvloop")
LIGHT = {
    "podwright.cli.main": HEAVY,
    "podwright.cli.cmd_get": tuple(m for m in HEAVY if m != "yaml"),  # a kubeconfig is YAML
    "podwright.cli.cmd_describe": tuple(m for m in HEAVY if m != "yaml"),
    "podwright.deploy.supervisor": ("aiohttp", "grpc", "pydantic", "rich", "yaml"),
}


@pytest.mark.parametrize("module", LIGHT)
def test_what_starts_often_starts_light(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert [name for name in LIGHT[module] if name in loaded] == []
