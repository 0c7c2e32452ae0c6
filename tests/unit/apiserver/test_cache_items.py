"""An object's bytes: how they are stored, and how revisions are put in and changed."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.cache.item import Item, canonical_value, encode_value, head_of, splice

HEAD = head_of("ConfigMap", "v1")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.builds(
    lambda metadata, data: {
        "data": data,
        "metadata": {"name": "x", **metadata},
        "apiVersion": "v1",
        "kind": "ConfigMap",
    },
    st.dictionaries(st.text().filter(lambda k: k not in {"name", "resourceVersion"}), JSON_VALUES, max_size=3),
    JSON_VALUES,
)


@given(OBJECTS, st.integers(1, 2**62))
def test_splicing_is_what_parsing_and_setting_would_give(obj, revision):
    wire = splice(HEAD, encode_value(obj), revision)
    expected = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(revision)}}
    assert orjson.loads(wire) == expected


@given(OBJECTS)
def test_a_revision_in_the_object_is_not_stored(obj):
    with_revision = {**obj, "metadata": {"resourceVersion": "7", **obj["metadata"]}}
    assert encode_value(with_revision) == encode_value(obj)
    assert with_revision["metadata"]["resourceVersion"] == "7"


@given(OBJECTS, st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_same_state_at_another_revision(obj, before, after):
    item = Item("k", "", "x", before, splice(HEAD, encode_value(obj), before), {}, ())
    assert item.at(after, len(HEAD)) == splice(HEAD, encode_value(obj), after)


def test_a_value_written_by_something_else_is_brought_into_form():
    foreign = b'{"metadata": {"name": "x", "resourceVersion": "1"}, "apiVersion": "v1", "kind": "ConfigMap"}'
    value = canonical_value(foreign, HEAD)
    assert value.startswith(HEAD)
    assert canonical_value(value, HEAD) is value
