"""The order in which sets of fields are written, with and without knowing what is in order already."""

import json

from hypothesis import given
from hypothesis import strategies as st

from podwright.api.apply.entries import Entry, Writer, read
from podwright.api.apply.fieldset import difference, ordered, union

elements = st.sampled_from(["f:a", "f:b", "f:spec", 'k:{"name":"x"}', 'k:{"name":"a"}', 'v:"1"', 'v:"0"', "f:z"])
sets = st.recursive(
    st.just({}), lambda inner: st.dictionaries(st.one_of(elements, st.just(".")), inner, max_size=4), max_leaves=12
).map(lambda node: {k: v for k, v in node.items() if k != "."})


def regular(node):
    """Children of the key that marks a member have none."""
    return {k: ({} if k == "." else regular(v)) for k, v in node.items()}


@given(sets.map(regular), sets.map(regular), st.booleans())
def test_what_is_known_to_be_in_order_changes_no_order(stored, written, taken):
    tidy = ordered(stored)
    fields = difference(tidy, written) if taken else union(tidy, written)
    assert json.dumps(ordered(fields, tidy)) == json.dumps(ordered(fields))


@given(sets.map(regular).filter(bool), sets.map(regular).filter(bool))
def test_a_record_that_grew_is_written_in_order(stored, written):
    raw = Entry(Writer("m", "Update", "v1"), "", stored).encode()
    grown = read([raw])[0].with_fields(union(raw["fieldsV1"], written), "2026-01-02T03:04:05Z")
    assert json.dumps(grown.encode()["fieldsV1"]) == json.dumps(ordered(union(stored, written)))
