"""How answers in YAML are spelled, and that they are read back as what they were."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.registry.yaml_body import load_yaml
from podwright.apiserver.yaml_answer import dump

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        pytest.param("plain", "a: plain\n", id="plain"),
        pytest.param("one\ntwo", "a: |-\n  one\n  two\n", id="lines"),
        pytest.param("one\ntwo\n", "a: |\n  one\n  two\n", id="lines to the end"),
        pytest.param("true", 'a: "true"\n', id="a word that is a truth value"),
        pytest.param("y", 'a: "y"\n', id="a word that is one to some"),
        pytest.param("10", 'a: "10"\n', id="digits"),
        pytest.param("1:30", 'a: "1:30"\n', id="digits by sixty"),
        pytest.param("2026-01-02T03:04:05Z", 'a: "2026-01-02T03:04:05Z"\n', id="a time"),
        pytest.param("", 'a: ""\n', id="nothing"),
        pytest.param("- x", "a: '- x'\n", id="what means something in front"),
        pytest.param([{"b": 1}], "a:\n- b: 1\n", id="a list"),
    ],
)
def test_spelling(value, spelled):
    assert dump({"a": value}).decode() == spelled


def test_what_occurs_twice_is_written_twice():
    once = {"b": 1}
    assert dump({"a": once, "c": once}).decode() == "a:\n  b: 1\nc:\n  b: 1\n"


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_it_is_read_back(document):
    assert yaml.safe_load(dump(document)) == document
    assert load_yaml(dump(document))[0] == document
