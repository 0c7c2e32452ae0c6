"""The numbers of a rolling update, against what upstream documents and against two promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.controllers.rollout import Limits, Share, Size, limits, new_size, scaled, shrink_old, spread

PERCENTAGES = {
    "surge rounds up": ("25%", 10, True, 3),
    "unavailable rounds down": ("25%", 10, False, 2),
    "exact": ("50%", 10, True, 5),
    "of nothing": ("25%", 0, True, 0),
    "a number": (4, 10, True, 4),
    "over a hundred": ("150%", 2, True, 3),
    "one percent of one": ("1%", 1, True, 1),
}


@pytest.mark.parametrize(("value", "whole", "up", "expected"), PERCENTAGES.values(), ids=PERCENTAGES)
def test_scaled(value, whole, up, expected):
    assert scaled(value, whole, up=up) == expected


def test_text_that_is_no_percentage_is_an_error():
    with pytest.raises(ValueError, match="neither a number nor a percentage"):
        scaled("five", 10, up=True)


LIMITS = {
    "defaults for one": ("25%", "25%", 1, Limits(1, 0)),
    "defaults for three": ("25%", "25%", 3, Limits(1, 0)),
    "defaults for ten": ("25%", "25%", 10, Limits(3, 2)),
    "both zero can never move": (0, 0, 3, Limits(0, 1)),
    "percentages that come to zero": ("0%", "10%", 3, Limits(0, 1)),
    "more unavailable than there are": (0, 9, 3, Limits(0, 3)),
    "no replicas": ("25%", "25%", 0, Limits(0, 0)),
}


@pytest.mark.parametrize(("surge", "unavailable", "replicas", "expected"), LIMITS.values(), ids=LIMITS)
def test_limits(surge, unavailable, replicas, expected):
    assert limits(surge, unavailable, replicas) == expected


NEW = {
    "first rollout": (10, Limits(3, 2), 0, 0, 10),
    "room for the surge": (10, Limits(3, 2), 0, 10, 3),
    "no room": (10, Limits(3, 2), 3, 13, 3),
    "never more than wanted": (10, Limits(3, 2), 9, 9, 10),
    "too large": (4, Limits(1, 1), 6, 6, 4),
}


@pytest.mark.parametrize(("replicas", "bounds", "new", "total", "expected"), NEW.values(), ids=NEW)
def test_new_size(replicas, bounds, new, total, expected):
    assert new_size(replicas, bounds, new, total) == expected


SHRINK = {
    "down to the available minimum": (10, Limits(3, 2), Size("n", 3, 0), [Size("o", 10, 10)], {"o": 8}),
    "not while new ones are not available": (10, Limits(3, 2), Size("n", 5, 0), [Size("o", 8, 8)], {}),
    "as new ones become available": (10, Limits(3, 2), Size("n", 5, 5), [Size("o", 8, 8)], {"o": 3}),
    "unhealthy first": (10, Limits(3, 2), Size("n", 3, 0), [Size("a", 5, 5), Size("b", 5, 0)], {"b": 3}),
    "oldest first": (10, Limits(3, 2), Size("n", 3, 3), [Size("a", 5, 5), Size("b", 5, 5)], {"a": 0}),
    "all of it": (2, Limits(1, 0), Size("n", 2, 2), [Size("o", 1, 1)], {"o": 0}),
    "nothing left": (2, Limits(1, 0), Size("n", 2, 2), [Size("o", 0, 0)], {}),
}


@pytest.mark.parametrize(("replicas", "bounds", "new", "old", "expected"), SHRINK.values(), ids=SHRINK)
def test_shrink_old(replicas, bounds, new, old, expected):
    assert shrink_old(replicas, bounds, new, old) == expected


SPREAD = {
    "grow in proportion": (
        20, 5, [Share("a", 8, 15), Share("b", 5, 15)], {"a": 17, "b": 8}),
    "shrink in proportion": (5, 1, [Share("a", 8, 13), Share("b", 5, 13)], {"a": 4, "b": 2}),
    "to nothing": (0, 0, [Share("a", 8, 13), Share("b", 5, 13)], {"a": 0, "b": 0}),
    "nothing to do": (10, 3, [Share("a", 8, 13), Share("b", 5, 13)], {"a": 8, "b": 5}),
}  # fmt: skip


@pytest.mark.parametrize(("replicas", "surge", "shares", "expected"), SPREAD.values(), ids=SPREAD)
def test_spread(replicas, surge, shares, expected):
    assert spread(replicas, surge, shares) == expected


counts = st.integers(0, 40)
bounds = st.builds(Limits, st.integers(0, 10), st.integers(0, 10)).filter(lambda b: b.surge or b.unavailable)
sizes = st.builds(lambda r, a: (r, min(r, a)), counts, counts)


@given(counts, bounds, sizes, st.lists(sizes, max_size=4))
def test_growing_never_exceeds_replicas_plus_surge(replicas, limit, new, old):
    total = new[0] + sum(r for r, _ in old)
    size = new_size(replicas, limit, new[0], total)
    assert size <= max(replicas, new[0])
    if size > new[0]:
        assert total - new[0] + size <= replicas + limit.surge


@given(counts, bounds, sizes, st.lists(sizes, max_size=4))
def test_shrinking_never_takes_below_the_available_minimum(replicas, limit, new, old):
    olds = [Size(f"o{i}", r, a) for i, (r, a) in enumerate(old)]
    result = shrink_old(replicas, limit, Size("n", *new), olds)
    left = {rs.name: result.get(rs.name, rs.replicas) for rs in olds}
    assert all(0 <= left[rs.name] <= rs.replicas for rs in olds)
    # Whatever goes, unhealthy pods are ranked first, so min(left, available) stay available.
    before = new[1] + sum(rs.available for rs in olds)
    after = new[1] + sum(min(left[rs.name], rs.available) for rs in olds)
    assert after >= min(before, replicas - limit.unavailable)


@given(st.integers(0, 60), st.integers(0, 10), st.lists(st.integers(1, 30), min_size=2, max_size=5))
def test_spreading_adds_up(replicas, surge, present):
    total = sum(present)
    order = sorted(present, reverse=True)
    result = spread(replicas, surge, [Share(str(i), size, total) for i, size in enumerate(order)])
    allowed = replicas + surge if replicas else 0
    assert all(size >= 0 for size in result.values())
    assert sum(result.values()) == allowed


@given(st.integers(1, 12), bounds, st.integers(1, 3), st.data())
def test_a_rollout_always_ends(replicas, limit, generations, data):
    """Play a rollout: pods become available in any order, sizes follow the arithmetic; it must finish."""
    old = [Size(f"o{i}", data.draw(st.integers(0, replicas)), 0) for i in range(generations)]
    new = Size("n", 0, 0)
    for _ in range(200):
        if new.replicas == replicas and not any(rs.replicas for rs in old):
            return
        target = new_size(replicas, limit, new.replicas, new.replicas + sum(rs.replicas for rs in old))
        if target != new.replicas:
            new = Size("n", target, new.available)
        else:
            changes = shrink_old(replicas, limit, new, old)
            old = [
                Size(rs.name, changes.get(rs.name, rs.replicas), min(rs.available, changes.get(rs.name, rs.replicas)))
                for rs in old
            ]
        new = Size("n", new.replicas, new.replicas)  # the new ones become available
    pytest.fail("the rollout did not end")
