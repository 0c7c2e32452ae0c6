"""How long ago something was, in as few characters as people need.

The steps are those API users know: seconds to two minutes, then minutes and seconds to ten, and so on up to years.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from podwright.api.times import TimeError, parse_time

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400


def human_duration(duration: timedelta) -> str:
    """Return "5s", "3m10s", "47m", "5h2m", "3d4h", "2y10d"; "<invalid>" for more than a second in the future."""
    total = int(duration.total_seconds())
    if total < -1:
        return "<invalid>"
    if total < 0:
        return "0s"
    if total < 2 * _MINUTE:
        return f"{total}s"
    for limit, unit, name, below, below_name in _STEPS:
        if total < limit:
            whole, rest = divmod(total, unit)
            parts = rest // below if below else 0
            return f"{whole}{name}" + (f"{parts}{below_name}" if parts else "")
    return f"{total // _YEAR}y"


_STEPS: tuple[tuple[int, int, str, int, str], ...] = (
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)


def since(time: str | None, now: datetime) -> str:
    """How long before `now` an RFC 3339 time was; "<unknown>" without one."""
    if not time:
        return "<unknown>"
    try:
        return human_duration(now - parse_time(time))
    except TimeError:
        return "<unknown>"
