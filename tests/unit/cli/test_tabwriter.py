"""Elastic tab stops: columns are runs of consecutive lines."""

from __future__ import annotations

import pytest

from podwright.cli.output.tabwriter import align


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ""),
        (["a\tb", "long\tc"], "a     b\nlong  c\n"),
        (["a\tb", "no tabs breaks the column", "long\tc"], "a  b\nno tabs breaks the column\nlong  c\n"),
        (["Name:\tx", "  Inner:\ty", "Z:\t"], "Name:     x\n  Inner:  y\nZ:        \n"),
        (["a\tb\tc", "aa\tbb\tc"], "a   b   c\naa  bb  c\n"),
        (["a\tlong cell\tc", "b\tx"], "a  long cell  c\nb  x\n"),
    ],
    ids=["nothing", "two columns", "a line without tabs", "indent counts", "three columns", "last cell is free"],
)
def test_align(lines: list[str], expected: str) -> None:
    assert align(lines) == expected
