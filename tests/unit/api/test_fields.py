"""Field selectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.fields import FieldRequirement, FieldSelector, FieldSelectorError

names = st.sampled_from(["metadata.name", "spec.nodeName", "status.phase"])
values = st.text(alphabet="ab\\,=! ", max_size=5)


@given(st.lists(st.tuples(names, values, st.booleans()), max_size=3), st.dictionaries(names, values))
def test_written_form_round_trips_and_matches(parts: list[tuple[str, str, bool]], have: dict[str, str]) -> None:
    selector = FieldSelector(tuple(FieldRequirement(*part) for part in parts))
    again = FieldSelector.parse(str(selector))
    assert again == selector
    wanted = all((have.get(name, "") == value) == equal for name, value, equal in parts)
    assert again.matches(have) is wanted
    assert again.matches(lambda name: have.get(name, "")) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ()),
        ("a=b,", (("a", "b", True),)),
        ("a==b", (("a", "b", True),)),
        ("a!=b,c=", (("a", "b", False), ("c", "", True))),
        (r"a=b\,c", (("a", "b,c", True),)),
    ],
)
def test_parse(text: str, wanted: tuple[tuple[str, str, bool], ...]) -> None:
    assert FieldSelector.parse(text).requirements == tuple(FieldRequirement(*part) for part in wanted)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!a", "invalid selector: '!a'; can't understand '!a'"),
        ("a in (b)", "invalid selector: 'a in (b)'; can't understand 'a in (b)'"),
        ("a=b=c", "invalid field selector: unescaped character in value: ="),
        (r"a=\b", r"invalid field selector: invalid escape sequence: \b"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(FieldSelectorError) as caught:
        FieldSelector.parse(text)
    assert str(caught.value) == message


def test_exact_and_fields() -> None:
    selector = FieldSelector.parse("a=b,c!=d")
    assert selector.exact("a") == "b"
    assert selector.exact("c") is None
    assert list(selector.fields()) == ["a", "c"]
    assert FieldSelector.parse("").empty
    assert not selector.empty
