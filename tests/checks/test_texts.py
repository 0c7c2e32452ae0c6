"""Documents lead where they say, decisions are numbered, and nothing in the repository knows one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repository import ROOT, files

_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The names of a document's headings, as links give them."""
    plain = (re.sub(r"[^\w\- ]", "", h.replace("`", "")).strip().lower() for h in _HEADING.findall(text))
    return {name.replace(" ", "-") for name in plain}


@pytest.mark.parametrize("document", files(".md"), ids=lambda f: str(f.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = _CODE.sub("", document.read_text())
    broken: list[str] = []
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text())):
            broken.append(link)
    assert broken == []


_NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|proto))`")


@pytest.mark.parametrize("document", files(".md"), ids=lambda f: str(f.relative_to(ROOT)))
def test_source_files_that_are_named_with_a_folder_are_there(document: Path) -> None:
    known = [f"/{f.relative_to(ROOT)}" for f in files(".py", ".proto")]
    missing = [name for name in _NAMED.findall(document.read_text()) if not any(f.endswith(f"/{name}") for f in known)]

    assert missing == []


def test_decisions_are_numbered_each_by_its_own_number() -> None:
    names = sorted(f.name for f in (ROOT / "docs" / "adr").glob("*.md"))

    assert len({n[:5] for n in names}) == len(names)
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", n) for n in names)


@pytest.mark.parametrize("decision", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda f: f.stem)
def test_a_decision_has_a_title_and_fits_a_page(decision: Path) -> None:
    lines = decision.read_text().splitlines()

    assert lines[0].startswith("# ")
    assert len(lines) <= 80


def test_nothing_knows_the_machine_it_was_written_on() -> None:
    machine = "/" + "work/"
    found = [str(f.relative_to(ROOT)) for f in files() if machine.encode() in f.read_bytes()]

    assert found == []


SECTIONS = ("README.md", "CHANGELOG.md", "docs/architecture.md", "docs/flow.md", "docs/glossary.md")


@pytest.mark.parametrize("name", SECTIONS)
def test_the_documents_that_must_be_there_are(name: str) -> None:
    assert (ROOT / name).is_file()
