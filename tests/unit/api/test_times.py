"""Times on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.times import TimeError, format_micro_time, format_time, parse_time

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_micro_time_round_trips(moment: datetime) -> None:
    assert parse_time(format_micro_time(moment)) == moment


@given(moments)
def test_time_keeps_whole_seconds(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.5Z", datetime(2026, 1, 2, 3, 4, 5, 500000, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456789Z", datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05-00:30", datetime(2026, 1, 2, 3, 34, 5, tzinfo=UTC)),
    ],
)
def test_parse(text: str, wanted: datetime) -> None:
    assert parse_time(text) == wanted
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "bad", ["", "x", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z", "2026-01-02T25:04:05Z",
            "2026-01-02 03:04:05Z", "2026-01-02T03:04:05Zx", "0001-01-01T00:00:00+23:59"],
)  # fmt: skip
def test_errors(bad: str) -> None:
    with pytest.raises(TimeError, match="parsing time"):
        parse_time(bad)


def test_other_zones_are_written_in_utc() -> None:
    local = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))
    assert format_time(local) == "2026-01-02T01:04:05Z"
    assert format_micro_time(local) == "2026-01-02T01:04:05.000006Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TimeError):
        format_time(datetime(2026, 1, 2))  # noqa: DTZ001 - that is the point
