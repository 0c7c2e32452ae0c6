"""Growing pauses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from podwright.client.backoff import Backoff


def test_it_doubles_up_to_the_limit_and_starts_over() -> None:
    backoff = Backoff(first=1, limit=5, jitter=0)
    assert [backoff.next() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next() == 1


@given(st.lists(st.floats(0, 0.999), min_size=1, max_size=20))
def test_chance_only_stretches_and_never_beyond_the_limit(chances: list[float]) -> None:
    rolls = iter(chances)
    backoff = Backoff(first=0.5, limit=8, jitter=0.5, chance=lambda: next(rolls))
    plain = Backoff(first=0.5, limit=8, jitter=0)
    for _ in chances:
        delay, least = backoff.next(), plain.next()
        assert least <= delay <= min(8, least * 1.5)
