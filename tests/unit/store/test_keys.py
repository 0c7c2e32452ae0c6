"""Prefix arithmetic and txn checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.store import etcd_keys
from podwright.store.keys import check_ops, prefix_end
from podwright.store.protocol import Delete, Put

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
edges = st.text(st.sampled_from(["a", "\ud7ff", "\ue000", "\U0010ffff"]), max_size=3)


@given(prefix=st.one_of(text, edges), key=st.one_of(text, edges))
def test_a_key_is_within_a_prefix_exactly_when_it_is_before_its_end(prefix, key):
    end = prefix_end(prefix)
    assert (prefix <= key and (end is None or key < end)) == key.startswith(prefix)


@given(prefix=st.binary(max_size=3), key=st.binary(max_size=4))
def test_the_same_in_bytes(prefix, key):
    end = etcd_keys.prefix_end(prefix)
    assert (prefix <= key and (end == b"\0" or key < end)) == key.startswith(prefix)


@given(st.lists(text, unique=True))
def test_text_order_is_byte_order(keys):
    assert sorted(keys) == sorted(keys, key=str.encode)


def test_ops_on_different_keys_pass():
    check_ops([Put("a", b""), Delete("b"), Put("c", b"")])


@pytest.mark.parametrize(
    "ops", [[Put("a", b""), Put("b", b""), Delete("a")], [Put("b", b""), Put("", b"")], [Delete("")]]
)
def test_ambiguous_ops_are_refused(ops):
    with pytest.raises(ValueError, match="cannot write"):
        check_ops(ops)


def test_the_progress_key_is_outside_every_range_and_inside_the_watch():
    keys = etcd_keys.Keys("root")
    first, end = keys.bounds("", "")
    assert not first <= keys.progress < end
    assert keys.begin <= keys.progress < keys.end
    assert first <= keys.encode("!") < end
    assert keys.decode(keys.encode("a/é")) == "a/é"
