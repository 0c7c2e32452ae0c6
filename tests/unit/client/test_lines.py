"""Cutting streams into lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.client import lines
from podwright.client.lines import LineCutter
from podwright.client.transport import TransportError


@given(st.lists(st.binary(max_size=5).map(lambda b: b.replace(b"\n", b".")), max_size=6), st.lists(st.integers(0, 40)))
def test_wherever_the_stream_is_cut_the_lines_are_the_same(wanted: list[bytes], cuts: list[int]) -> None:
    data = b"".join(line + b"\n" for line in wanted)
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    cutter = LineCutter()
    found = [line for start, end in pairwise(places) for line in cutter.feed(data[start:end])]
    assert found == [line for line in wanted if line]


def test_what_has_no_end_yet_is_kept() -> None:
    cutter = LineCutter()
    assert cutter.feed(b"a") == []
    assert cutter.feed(b"b") == []
    assert cutter.feed(b"c\nd") == [b"abc"]
    assert cutter.feed(b"\n") == [b"d"]


def test_a_line_that_never_ends_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 10)
    cutter = LineCutter()
    cutter.feed(b"12345")
    with pytest.raises(TransportError, match="longer than 10 bytes"):
        cutter.feed(b"678901")
