"""What `pip install podwright` gives: built from this tree, its pytest fixtures run the worked example of the docs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"
LEFT_OUT = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__", "tests")
EXAMPLE = ("copier.py", "test_copier.py")


def build(what: str, source: Path, folder: Path) -> Path:
    """Have the build backend make a distribution of a source tree."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, what, str(folder)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / done.stdout.split()[-1]


def modules(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree: building leaves things behind."""
    folder = tmp_path_factory.mktemp("source") / "podwright"
    shutil.copytree(ROOT, folder, symlinks=True, ignore=LEFT_OUT)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("build_wheel", source, tmp_path_factory.mktemp("wheel"))


def test_a_wheel_holds_every_module_of_the_tree(wheel: Path) -> None:
    rooms = [link.name for link in (ROOT / "podwright").iterdir() if link.is_dir() and link.name != "__pycache__"]
    expected = {
        f"podwright/{path.relative_to(ROOT)}"
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    }
    assert expected <= modules(wheel)


def test_a_source_distribution_builds_the_same_wheel(wheel: Path, source: Path, tmp_path: Path) -> None:
    archive = build("build_sdist", source, tmp_path)
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    again = build("build_wheel", unpacked, tmp_path)
    assert modules(again) == modules(wheel)


def test_the_worked_example(wheel: Path, tmp_path: Path) -> None:
    site, work = tmp_path / "site", tmp_path / "work"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    work.mkdir()
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "testing-operators.md").read_text(), re.DOTALL)
    for name, block in zip(EXAMPLE, blocks, strict=False):
        (work / name).write_text(block)
    (work / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    (work / "conftest.py").write_text(
        "import podwright.deploy\n"
        f"assert podwright.deploy.__file__.startswith({str(site)!r}), podwright.deploy.__file__\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=work,
        env={**os.environ, "PYTHONPATH": str(site), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "3 passed" in done.stdout
