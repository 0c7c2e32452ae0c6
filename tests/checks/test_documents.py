"""Documents tell the truth about where things are: links lead somewhere, decisions are numbered without gaps."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
PAGES = [name for name in TRACKED if name.endswith(".md")]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    targets = [t for t in LINK.findall((ROOT / page).read_text()) if "://" not in t]
    missing = [t for t in targets if not (ROOT / page).parent.joinpath(t).exists()]
    assert missing == []


def test_decisions_are_numbered_and_listed() -> None:
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(f.name[:4]) for f in files] == list(range(1, len(files) + 1))
    index = (ROOT / "docs" / "architecture.md").read_text()
    for file in files:
        assert file.read_text().startswith(f"# {file.name[:4]}: ")
        assert f"adr/{file.name}" in index


def test_pages_that_the_readme_promises_exist() -> None:
    assert {"docs/architecture.md", "docs/flow.md", "docs/glossary.md", "docs/performance.md", "CHANGELOG.md"} <= set(
        PAGES
    )
