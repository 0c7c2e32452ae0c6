"""YAML request bodies become the JSON they stand for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.registry.yaml_body import load_yaml

yaml = pytest.importorskip("yaml")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text("abc123:-#' \n", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text("abc", min_size=1), PLAIN, max_size=4))
def test_round_trip(document):
    assert load_yaml(yaml.safe_dump(document).encode()) == (document, [])


def test_dates_stay_text_and_keys_become_text():
    assert load_yaml(b"a: 2026-01-02\n7: x\ntrue: y\n")[0] == {"a": "2026-01-02", "7": "x", "true": "y"}


def test_repeated_keys_are_told():
    document, problems = load_yaml(b"a: 1\nb:\n  c: 1\n  c: 2\n")
    assert document == {"a": 1, "b": {"c": 2}}
    assert [p.message for p in problems] == ['yaml: unmarshal errors:\n  line 4: key "c" already set in map']


@pytest.mark.parametrize("body", [b"a: [", b"- 1\n", b"\xff\xfe\xfa", b"a: b: c", b"x: !!python/object:os.system {}"])
def test_what_is_no_mapping_is_refused(body):
    with pytest.raises(ValueError, match=r"^yaml: "):
        load_yaml(body)


def test_an_empty_document_is_empty():
    assert load_yaml(b"") == ({}, [])


def test_aliases_work():
    assert load_yaml(b"a: &x [1]\nb: *x\n")[0] == {"a": [1], "b": [1]}


def test_aliases_do_not_explode():
    names = "abcdefghijkl"
    lines = ["a: &a [x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join([f'*{m}'] * 8)}]" for m, n in pairwise(names)]
    with pytest.raises(ValueError, match="once its aliases are written out"):
        load_yaml("\n".join(lines).encode())


def test_depth_is_limited_by_the_caller():
    assert load_yaml(b"a: {b: 1}", too_deep=lambda obj: False)[0] == {"a": {"b": 1}}
    with pytest.raises(ValueError, match="exceeded max depth"):
        load_yaml(b"a: {b: 1}", too_deep=lambda obj: "a" in obj)


def test_a_value_inside_itself_is_refused():
    with pytest.raises(ValueError, match="once its aliases are written out"):
        load_yaml(b"a: &a [*a]")
