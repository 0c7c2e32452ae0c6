"""The API's two clocks on the wire: Time (whole seconds) and MicroTime (six digits).

Both are UTC with a `Z`. This module only converts: it must never ask what time it is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))",
)


class TimeError(ValueError):
    """A string is no RFC 3339 time. Retrying cannot help."""


@lru_cache(maxsize=1024)
def parse_time(text: str) -> datetime:
    """Return the aware UTC time of an RFC 3339 string; digits beyond microseconds are cut. Raises TimeError."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        msg = f'parsing time "{text}": not an RFC 3339 time such as 2006-01-02T15:04:05Z'
        raise TimeError(msg)
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    micros = int((fraction or "")[:6].ljust(6, "0"))
    try:
        zone = UTC
        if sign:
            offset = timedelta(hours=int(off_hour), minutes=int(off_minute))
            zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), micros, tzinfo=zone
        )  # fmt: skip
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f'parsing time "{text}": {error}'
        raise TimeError(msg) from error


def format_time(moment: datetime) -> str:
    """Return `2026-01-02T03:04:05Z`; fractions of a second are cut. The time must be aware."""
    return _utc(moment).isoformat(timespec="seconds")[:19] + "Z"


def format_micro_time(moment: datetime) -> str:
    """Return `2026-01-02T03:04:05.000006Z`. The time must be aware."""
    return _utc(moment).isoformat(timespec="microseconds")[:26] + "Z"


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        msg = "cannot format a time without a zone"
        raise TimeError(msg)
    return moment.astimezone(UTC)
