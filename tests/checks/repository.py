"""What the repository holds, for the checks: its files, and what its modules import."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files(*endings: str) -> tuple[Path, ...]:
    """Files under version control, or about to be (links left out)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(p for p in found if p.is_file() and not p.is_symlink() and (not endings or p.suffix in endings))


def module_file(name: str) -> Path | None:
    """The file of a module "podwright.api.times"; None for what is no module of ours."""
    parts = name.split(".")
    if parts[0] != "podwright":
        return None
    base = ROOT.joinpath(*parts[1:])
    if base.with_suffix(".py").is_file():
        return base.with_suffix(".py")
    return base / "__init__.py" if (base / "__init__.py").is_file() else None


@cache
def imports(file: Path, *, at_run_time: bool = True) -> frozenset[str]:
    """Names of the modules that a file imports when it is loaded; those for type checkers alone are left out.

    With `at_run_time` the imports inside functions count too.
    """
    return frozenset(_imports(ast.parse(file.read_text()), at_run_time))


def _imports(node: ast.AST, at_run_time: bool) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) and not at_run_time:
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield child.module
            yield from (f"{child.module}.{a.name}" for a in child.names if module_file(f"{child.module}.{a.name}"))
        yield from _imports(child, at_run_time)


def reached(start: Path) -> dict[str, tuple[str, ...]]:
    """Every module that loading a file leads to, through modules of ours, with the way to it."""
    ways: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[Path, tuple[str, ...]]] = [(start, (str(start.relative_to(ROOT)),))]
    while waiting:
        file, way = waiting.pop()
        for name in sorted(imports(file)):
            if name in ways:
                continue
            ways[name] = (*way, name)
            inner = module_file(name)
            if inner is not None:
                waiting.append((inner, ways[name]))
    return ways
