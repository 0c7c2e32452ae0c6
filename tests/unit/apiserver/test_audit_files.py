"""The audit log's files: how large they get, which of them stay, and that no line is split or lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.audit.rotating import Bounds, RotatingFile


class Clock:
    def __init__(self):
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self):
        return self.now


def content(folder):
    """All lines, oldest file first, the current one last."""
    current = folder / "audit.log"
    full = sorted(p for p in folder.iterdir() if p != current)
    return [p.read_bytes() for p in (*full, current)]


def test_a_full_file_is_set_aside_under_its_time(tmp_path):
    clock = Clock()
    file = RotatingFile(tmp_path / "audit.log", Bounds(bytes=10), clock)
    file.prepare()
    file.write([b"12345\n", b"6789\n"])
    assert content(tmp_path) == [b"12345\n", b"6789\n"]
    assert (tmp_path / "audit-2026-01-02T03-04-05.000000.log").exists()
    assert (tmp_path / "audit.log").stat().st_mode & 0o777 == 0o600


@given(
    st.lists(
        st.lists(st.binary(min_size=1, max_size=12).map(lambda b: b.hex().encode() + b"\n"), max_size=8), max_size=8
    )
)
def test_every_line_is_there_whole_and_in_order(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("audit")
    file = RotatingFile(folder / "audit.log", Bounds(bytes=30, files=0), Clock())
    file.prepare()
    for batch in batches:
        file.write(batch)
    files = content(folder)
    assert b"".join(files) == b"".join(line for batch in batches for line in batch)
    assert all(len(each) <= 30 or each.count(b"\n") == 1 for each in files)


@pytest.mark.parametrize(("kept", "left"), [(2, 2), (0, 5)])
def test_only_so_many_files_stay(tmp_path, kept, left):
    file = RotatingFile(tmp_path / "audit.log", Bounds(bytes=1, files=kept), Clock())
    (tmp_path / "audit-notes.log").write_text("somebody else's")
    file.write([b"%d\n" % n for n in range(6)])
    assert (tmp_path / "audit-notes.log").exists()
    found = [c for c in content(tmp_path) if c != b"somebody else's"]
    assert found == [b"%d\n" % n for n in range(6)][-left - 1 :]


def test_old_files_go(tmp_path):
    clock = Clock()
    file = RotatingFile(tmp_path / "audit.log", Bounds(bytes=1, files=0, days=2), clock)
    file.write([b"a\n", b"b\n"])
    clock.now += timedelta(days=1)
    file.write([b"c\n"])
    assert content(tmp_path) == [b"a\n", b"b\n", b"c\n"]
    clock.now += timedelta(days=1, seconds=1)
    file.write([b"d\n"])
    assert content(tmp_path) == [b"b\n", b"c\n", b"d\n"]
