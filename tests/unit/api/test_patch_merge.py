"""Merge patches, and the patches between documents."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.patch import merge_patch
from podwright.api.patch.errors import PatchError
from podwright.api.patch.json_patch import same

JSON = dict[str, Any]
keys = st.sampled_from(["a", "b", "c"])
scalars = st.one_of(st.booleans(), st.integers(0, 2), st.sampled_from(["", "x"]))


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[JSON]:
    inner = st.recursive(
        leaves,
        lambda below: st.one_of(st.lists(below, max_size=2), st.dictionaries(keys, below, max_size=3)),
        max_leaves=8,
    )
    return st.dictionaries(keys, inner, max_size=3)


documents = trees(scalars)
patches = trees(st.one_of(st.none(), scalars))


def rfc(target: Any, patch: Any) -> Any:
    """The pseudo-code of RFC 7386, word by word."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = rfc(target.get(name), value)
    return target


@given(documents, patches)
def test_apply_is_the_rfc(document: JSON, patch: JSON) -> None:
    before, patch_before = copy.deepcopy(document), copy.deepcopy(patch)
    wanted = rfc(copy.deepcopy(document), copy.deepcopy(patch))
    assert same(merge_patch.apply(document, patch), wanted)
    assert (document, patch) == (before, patch_before)


@given(documents, documents)
def test_a_diff_leads_there(document: JSON, new: JSON) -> None:
    patch = merge_patch.diff(document, new)
    assert same(merge_patch.apply(document, patch), new)
    assert merge_patch.diff(new, new) == {}


@given(patches, patches, documents)
def test_combined_patches_act_like_one_after_the_other(first: JSON, second: JSON, document: JSON) -> None:
    wanted = merge_patch.apply(merge_patch.apply(document, first), second)
    # A map put where nothing or a scalar was loses what came before: only then may the two ways differ.
    combined = merge_patch.apply(document, merge_patch.combine(first, second))
    if not replaces_maps(first, second):
        assert same(combined, wanted)


def replaces_maps(first: JSON, second: JSON) -> bool:
    return any(
        isinstance(second.get(key), dict) and (not isinstance(value, dict) or replaces_maps(value, second[key]))
        for key, value in first.items()
    )


@given(documents, documents, documents)
def test_three_way(original: JSON, modified: JSON, current: JSON) -> None:
    patch = merge_patch.three_way(original, modified, current)
    result = merge_patch.apply(current, patch)
    check_three_way(original, modified, current, result)
    assert same(merge_patch.apply(result, merge_patch.three_way(modified, modified, result)), result), "a second time"


def check_three_way(original: JSON, modified: JSON, current: JSON, result: JSON) -> None:
    """Per field: the new wish holds; what is no longer wished is gone; what only others have stays."""
    for key in original.keys() | modified.keys() | current.keys():
        if key in modified:
            wish = modified[key]
            if isinstance(wish, dict) and isinstance(current.get(key), dict):
                below = original.get(key)
                check_three_way(below if isinstance(below, dict) else {}, wish, current[key], result[key])
            elif not isinstance(wish, dict):
                assert same(result[key], wish)
        elif key in original:
            assert key not in result
        else:
            assert same(result[key], current[key])


@pytest.mark.parametrize("bad", [None, [], "x", 1])
def test_what_is_no_patch(bad: object) -> None:
    with pytest.raises(PatchError) as caught:
        merge_patch.apply({}, bad)
    assert caught.value.api_error().code == 400


def test_a_bottomless_patch_is_refused() -> None:
    patch: JSON = {}
    for _ in range(100_000):
        patch = {"a": patch}
    with pytest.raises(PatchError, match="nested too deeply"):
        merge_patch.apply({}, patch)
