"""Names of who writes fields."""

from __future__ import annotations

import pytest

from podwright.api.managers import manager_problems


@pytest.mark.parametrize(
    ("manager", "problems"),
    [
        pytest.param("", [], id="none"),
        pytest.param("k\u00e4se 1", [], id="good"),
        pytest.param("\u00e4" * 65, ["m: Too long: may not be more than 128 bytes"], id="long"),
        pytest.param("a\n", ['m: Invalid value: "a\\n": invalid character U+000A (at position 1)'], id="unprintable"),
        pytest.param(
            "\u00e4\u2028\x01",
            [
                'm: Invalid value: "\u00e4\\u2028\\x01": invalid character U+2028 (at position 2)',
                'm: Invalid value: "\u00e4\\u2028\\x01": invalid character U+0001 (at position 5)',
            ],
            id="each",
        ),
    ],
)
def test_names(manager: str, problems: list[str]) -> None:
    assert [error.text() for error in manager_problems("m", manager)] == problems
