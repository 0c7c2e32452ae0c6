"""Moments and spans: how they are written, and their parts in a time zone.

Moments are nanoseconds since 1970 in UTC, spans nanoseconds; arithmetic is exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from functools import lru_cache
from typing import Final

from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.values import Duration, Timestamp

_UNITS: Final = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip
_PART: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_DURATION: Final = re.compile(r"[+-]?(?:(?:[0-9]{1,25}\.?[0-9]{0,25}|\.[0-9]{1,25})(?:ns|us|µs|μs|ms|s|m|h))+")
_TIMESTAMP: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET: Final = re.compile(r"([+-]?)(\d\d?):(\d\d)", re.ASCII)


def parse_duration(text: str) -> int | None:
    """Return the nanoseconds of `1h30m`, `-1.5s`, or None for what is no span."""
    if text in {"0", "+0", "-0"}:
        return 0
    if len(text) > 256 or _DURATION.fullmatch(text) is None:
        return None
    total = sum((Fraction(amount) * _UNITS[unit] for amount, unit in _PART.findall(text)), Fraction(0))
    return -int(total) if text[0] == "-" else int(total)


def parse_timestamp(text: str) -> int | None:
    """Return the nanoseconds since 1970 of an RFC 3339 time, or None."""
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    *parts, fraction, sign, off_hour, off_minute = found.groups()
    try:
        moment = datetime(*(int(part) for part in parts), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None
    offset = 0
    if sign:
        if int(off_hour) > 23 or int(off_minute) > 59:
            return None
        offset = (int(off_hour) * 3600 + int(off_minute) * 60) * (-1 if sign == "-" else 1)
    since = moment - _EPOCH
    seconds = since.days * 86400 + since.seconds - offset
    return seconds * 10**9 + int((fraction or "")[:9].ljust(9, "0"))


def duration_text(nanos: int) -> str:
    """Return a span in seconds: `90s`, `1.5s`."""
    whole, fraction = divmod(abs(nanos), 10**9)
    digits = f".{fraction:09d}".rstrip("0").rstrip(".")
    return f"{'-' if nanos < 0 else ''}{whole}{digits}s"


def timestamp_text(nanos: int) -> str:
    """Return a moment in RFC 3339, with as many digits as it needs."""
    seconds, fraction = divmod(nanos, 10**9)
    moment = _EPOCH + timedelta(seconds=seconds)
    digits = f".{fraction:09d}".rstrip("0").rstrip(".")
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}{digits}Z"


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    found = _OFFSET.fullmatch(name)
    if found is not None:
        sign, hours, minutes = found.groups()
        if int(hours) > 23 or int(minutes) > 59:
            msg = f"timezone offset minutes out of range [0, 59]: {name}"
            raise EvaluationError(msg)
        span = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-span if sign == "-" else span)
    if name in {"", "UTC"}:
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        msg = f"unknown time zone {name}"
        raise EvaluationError(msg) from error


def _local(at: Timestamp, zone: str) -> datetime:
    try:
        return (_EPOCH + timedelta(microseconds=at.nanos // 1000)).astimezone(_zone(zone))
    except OverflowError as error:
        msg = "timestamp overflow"
        raise EvaluationError(msg) from error


_PARTS: Final[dict[str, Callable[[datetime], int]]] = {
    "getFullYear": lambda moment: moment.year,
    "getMonth": lambda moment: moment.month - 1,
    "getDayOfYear": lambda moment: moment.timetuple().tm_yday - 1,
    "getDayOfMonth": lambda moment: moment.day - 1,
    "getDate": lambda moment: moment.day,
    "getDayOfWeek": lambda moment: moment.isoweekday() % 7,
    "getHours": lambda moment: moment.hour,
    "getMinutes": lambda moment: moment.minute,
    "getSeconds": lambda moment: moment.second,
    "getMilliseconds": lambda moment: moment.microsecond // 1000,
}
_SPANS: Final = {"getHours": 3600 * 10**9, "getMinutes": 60 * 10**9, "getSeconds": 10**9}


def _part_of(read: Callable[[datetime], int]) -> Callable[..., int]:
    def call(at: Timestamp, zone: str = "") -> int:
        return read(_local(at, zone))

    return call


def _in_units(unit: int) -> Callable[[Duration], int]:
    def call(span: Duration) -> int:
        whole = abs(span.nanos) // unit
        return -whole if span.nanos < 0 else whole

    return call


def _milliseconds(span: Duration) -> int:
    whole = abs(span.nanos) // 10**6
    return -whole if span.nanos < 0 else whole


TIMES: Final[tuple[Overload, ...]] = (
    *(
        declare(name, f"timestamp.({zone}) int", _part_of(read))
        for name, read in _PARTS.items()
        for zone in ("", "string")
    ),
    *(declare(name, "duration.() int", _in_units(unit)) for name, unit in _SPANS.items()),
    declare("getMilliseconds", "duration.() int", _milliseconds),
)
