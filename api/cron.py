"""Schedules of CronJobs: five fields, or a word such as @daily; and the moments they name.

A moment matches when the wall clock of the schedule's time zone does: what a clock change skips does not happen, what
it repeats happens twice. Day of the month and day of the week are both asked when one of them is a star, else either
is enough. Pure: the time comes in. Refusals are worded as API clients know them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from podwright.api.quoting import quote

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(_DAY_NAMES)}
# lowest and highest value, names for values
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, _MONTHS), (0, 6, _DAYS),
)  # fmt: skip
_WORDS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_EVERY = "@every "
_UNITS = {"ns": 1e-9, "us": 1e-6, "\N{MICRO SIGN}s": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|\N{MICRO SIGN}s|ms|s|m|h)")
_CLOCK_CHANGE = timedelta(hours=3)  # more than any clock was ever set forward or back by, but for date lines
_HORIZON = timedelta(days=5 * 366)


class CronError(ValueError):
    """A schedule that means nothing."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The values each field allows; `any_day` when one of the day fields is a star. `every` stands for all of it."""

    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = False
    every: timedelta | None = None

    def after(self, moment: datetime, zone: tzinfo = UTC) -> datetime | None:
        """The first moment after an aware one, in UTC; None when there is none within five years."""
        moment = moment.astimezone(UTC)
        if self.every is not None:
            return moment.replace(microsecond=0) + self.every
        day, end = moment.astimezone(zone).date() - timedelta(days=1), (moment + _HORIZON).date()
        # One day back: where a clock is set back over midnight, a day's last hour comes after the next day's first.
        while day <= end:
            found = self._first_of(day, zone, moment) if self._on(day) else None
            if found is not None:
                return found
            day += timedelta(days=1)
        return None

    def _on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        fits = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return all(fits) if self.any_day else any(fits)

    def _first_of(self, day: date, zone: tzinfo, moment: datetime) -> datetime | None:
        """The first moment of one day after another moment; hours far from it are passed over unread."""
        begin = moment.astimezone(zone).replace(tzinfo=None) - _CLOCK_CHANGE
        found: datetime | None = None
        until: datetime | None = None
        for hour in self.hours:
            wall = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001 - what a clock on the wall shows
            if wall + timedelta(hours=1) <= begin or (until is not None and wall > until):
                continue
            later = [when for when in self._of_hour(wall, zone) if when > moment]
            if later:
                found = min(later) if found is None else min(found, *later)
                until = until or wall + _CLOCK_CHANGE
        return found

    def _of_hour(self, wall: datetime, zone: tzinfo) -> Iterator[datetime]:
        """The moments of one hour on the wall: both of those that come twice, none of those that are skipped."""
        for minute in self.minutes:
            shown = wall.replace(minute=minute)
            for fold in (0, 1):
                when = shown.replace(tzinfo=zone, fold=fold).astimezone(UTC)
                if when.astimezone(zone).replace(tzinfo=None, fold=0) == shown:
                    yield when


def parse(text: str) -> Schedule:
    """Read a schedule. Raises CronError saying what is wrong with it."""
    if not text:
        msg = "empty spec string"
        raise CronError(msg)
    if text.startswith("@"):
        return _word(text)
    fields = text.split()
    if len(fields) != len(_FIELDS):
        msg = f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
        raise CronError(msg)
    read = [_field(field, *bounds) for field, bounds in zip(fields, _FIELDS, strict=True)]
    (minutes, _), (hours, _), (days, any_date), (months, _), (weekdays, any_weekday) = read
    return Schedule(
        tuple(sorted(minutes)), tuple(sorted(hours)), days, months, weekdays, any_day=any_date or any_weekday
    )


def _word(text: str) -> Schedule:
    if text in _WORDS:
        return parse(_WORDS[text])
    if text.startswith(_EVERY):
        return Schedule(every=_every(text))
    msg = f"unrecognized descriptor: {text}"
    raise CronError(msg)


def _every(text: str) -> timedelta:
    duration = text.removeprefix(_EVERY)
    sign = -1 if duration.startswith("-") else 1
    digits = duration.lstrip("+-") if duration[:1] in {"+", "-"} else duration
    parts = _DURATION.findall(digits)
    if digits != "0" and (not parts or "".join(number + unit for number, unit in parts) != digits):
        msg = f"failed to parse duration {text}: time: invalid duration {quote(duration)}"
        raise CronError(msg)
    seconds = sign * sum(float(number) * _UNITS[unit] for number, unit in parts)
    try:
        return timedelta(seconds=max(int(seconds), 1))
    except OverflowError as error:
        msg = f"failed to parse duration {text}: time: invalid duration {quote(duration)}"
        raise CronError(msg) from error


def _field(text: str, low: int, high: int, names: dict[str, int]) -> tuple[frozenset[int], bool]:
    """The values of one field, and whether it is a star."""
    values: set[int] = set()
    star = False
    for part in (part for part in text.split(",") if part):
        found, is_star = _range(part, low, high, names)
        values.update(found)
        star = star or is_star
    return frozenset(values), star


def _range(text: str, low: int, high: int, names: dict[str, int]) -> tuple[range, bool]:
    ends, *steps = text.split("/")
    first, *rest = ends.split("-")
    star = first in {"*", "?"}
    if star:
        start, end = low, high
    else:
        start = _number(first, names)
        if len(rest) > 1:
            msg = f"too many hyphens: {text}"
            raise CronError(msg)
        end = _number(rest[0], names) if rest else start
    if len(steps) > 1:
        msg = f"too many slashes: {text}"
        raise CronError(msg)
    step = _number(steps[0], {}) if steps else 1
    if steps and not rest:
        end = high
    problems = (
        (start < low, f"beginning of range ({start}) below minimum ({low}): {text}"),
        (end > high, f"end of range ({end}) above maximum ({high}): {text}"),
        (start > end, f"beginning of range ({start}) beyond end of range ({end}): {text}"),
        (step == 0, f"step of range should be a positive number: {text}"),
    )
    for wrong, problem in problems:
        if wrong:
            raise CronError(problem)
    return range(start, end + 1, step), star and step == 1


def _number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    digits = text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        msg = f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: invalid syntax"
        raise CronError(msg)
    if len(digits) > 18:
        msg = f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: value out of range"
        raise CronError(msg)
    if text.startswith("-"):
        msg = f"negative number ({int(text)}) not allowed: {text}"
        raise CronError(msg)
    return int(digits)
