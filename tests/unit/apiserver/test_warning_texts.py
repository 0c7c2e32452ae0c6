"""Which warnings an answer tells."""

from __future__ import annotations

import pytest

from podwright.apiserver.warning_texts import warning_texts


@pytest.mark.parametrize(
    ("warnings", "wanted"),
    [
        pytest.param(None, (), id="none"),
        pytest.param(["a", "", "b", "a"], ("a", "b"), id="each-once"),
        pytest.param(["a\r\nb: c"], ("a  b: c",), id="printable"),
        pytest.param(["x" * 4000], ("x" * 4000,), id="a-long-one"),
        pytest.param(["x" * 4000, "y" * 97], ("x" * 256, "y" * 97), id="too-long"),
        pytest.param(
            [f"{n:02}" + "x" * 300 for n in range(40)], tuple(f"{n:02}" + "x" * 254 for n in range(16)), id="too-many"
        ),
    ],
)
def test_warnings(warnings: list[str] | None, wanted: tuple[str, ...]) -> None:
    assert warning_texts(warnings) == wanted
