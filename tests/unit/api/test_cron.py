"""Schedules against a dumb oracle that asks the wall clock of every minute; and what clock changes do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.api.cron import CronError, Schedule, parse

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty spec string"),
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "too many slashes: 1/2/3"),
        ("a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
        ("*/-2 * * * *", "negative number (-2) not allowed: -2"),
        ("@never", "unrecognized descriptor: @never"),
        ("@every often", 'failed to parse duration @every often: time: invalid duration "often"'),
    ],
)
def test_schedules_that_mean_nothing(text: str, problem: str) -> None:
    with pytest.raises(CronError) as refused:
        parse(text)
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("@hourly", "2026-03-28T13:00"),
        ("@weekly", "2026-03-29T00:00"),
        ("@yearly", "2027-01-01T00:00"),
        ("@every 1h30m", "2026-03-28T13:30"),
        ("@every 10ms", "2026-03-28T12:00"),
        ("0 0 29 2 *", "2028-02-29T00:00"),
        ("0 0 13 * FRI", "2026-04-03T00:00"),
        ("0 0 13 * ?", "2026-04-13T00:00"),
        ("30/15 9-17/4 * Apr *", "2026-04-01T09:30"),
    ],
)
def test_words_and_fields(text: str, following: str) -> None:
    found = parse(text).after(START)
    assert found is not None
    assert found.strftime("%Y-%m-%dT%H:%M") == following


def test_a_day_that_never_comes() -> None:
    assert parse("0 0 31 2 *").after(START) is None


def test_what_a_clock_change_skips_does_not_happen() -> None:
    assert parse("30 2 * * *").after(START, BERLIN) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_what_a_clock_change_repeats_happens_twice() -> None:
    schedule, moments = parse("30 2 * * *"), [datetime(2026, 10, 24, 12, 0, tzinfo=UTC)]
    for _ in range(3):
        following = schedule.after(moments[-1], BERLIN)
        assert following is not None
        moments.append(following)
    assert [moment.strftime("%dT%H:%M") for moment in moments[1:]] == ["25T00:30", "25T01:30", "26T01:30"]


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    ranges = st.tuples(numbers, numbers).map(lambda ends: f"{min(ends)}-{max(ends)}")
    steps = st.tuples(st.one_of(st.just("*"), ranges), st.integers(1, 9)).map(lambda both: f"{both[0]}/{both[1]}")
    part = st.one_of(numbers.map(str), ranges, steps)
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


def dumb(schedule: Schedule, moment: datetime, zone: ZoneInfo, minutes: int) -> datetime | None:
    """Ask every minute's wall clock."""
    when = moment.replace(second=0, microsecond=0)
    for _ in range(minutes):
        when += timedelta(minutes=1)
        wall = when.astimezone(zone)
        days = wall.day in schedule.days, wall.isoweekday() % 7 in schedule.weekdays
        day = all(days) if schedule.any_day else any(days)
        if day and wall.month in schedule.months and wall.hour in schedule.hours and wall.minute in schedule.minutes:
            return when
    return None


@settings(max_examples=40, deadline=None)
@given(
    text=st.tuples(fields(0, 59), fields(0, 23), st.one_of(st.just("*"), fields(26, 31)), st.just("*"), fields(0, 6)),
    offset=st.integers(0, 3 * 24 * 60),
    zone=st.sampled_from(["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Etc/UTC"]),
    month=st.sampled_from([3, 10]),
)
def test_a_schedule_agrees_with_the_wall_clock(text: tuple[str, ...], offset: int, zone: str, month: int) -> None:
    schedule = parse(" ".join(text))
    moment = datetime(2026, month, 27, tzinfo=UTC) + timedelta(minutes=offset)
    window = 3 * 24 * 60
    found = schedule.after(moment, ZoneInfo(zone))
    wanted = dumb(schedule, moment, ZoneInfo(zone), window)
    assert found == wanted or (wanted is None and (found is None or found > moment + timedelta(minutes=window)))
