"""Why a string is no time, in the words the API's clients know.

Decoding errors name the part of the expected layout that did not fit (`cannot parse "x" as "2006"`) or the part that
is out of range. This is the slow, explaining path: parsing itself is `podwright.api.times`.
"""

from __future__ import annotations

import re
from calendar import monthrange

LAYOUT = "2006-01-02T15:04:05Z07:00"
MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00"

_PARTS: tuple[tuple[str, str], ...] = (
    ("2006", r"\d{4}"), ("-", "-"), ("01", r"\d\d"), ("-", "-"), ("02", r"\d\d"), ("T", "T"),
    ("15", r"\d\d"), (":", ":"), ("04", r"\d\d"), (":", ":"), ("05", r"\d\d"),
)  # fmt: skip
_LIMITS: dict[str, tuple[str, int, int]] = {
    "01": ("month", 1, 12), "15": ("hour", 0, 23), "04": ("minute", 0, 59), "05": ("second", 0, 59),
}  # fmt: skip


def time_problem(text: str, *, micro: bool) -> str:
    """Return the error for `text`, or "" if it is a time. `micro` demands exactly six fractional digits."""
    layout = MICRO_LAYOUT if micro else LAYOUT
    rest, values = text, dict[str, int]()
    range_error = ""
    for part, pattern in _PARTS:
        found = re.match(pattern, rest, re.ASCII)
        if found is None:
            return _cannot(text, layout, rest, part)
        if part.isdigit():
            value = values[part] = int(found[0])
            what, low, high = _LIMITS.get(part, ("", 0, 9999))
            if not low <= value <= high:
                return f'parsing time "{text}": {what} out of range'
        rest = rest[found.end() :]
    fraction = re.match(r"\.\d{6}(?!\d)" if micro else r"([.,]\d+)?", rest, re.ASCII)
    if fraction is None:
        return _cannot(text, layout, rest, ".000000")
    rest = rest[fraction.end() :]
    zone = re.match(r"Z|[+-]([01]\d|2[0-4]):[0-5]\d", rest, re.ASCII)
    if zone is None:
        return _cannot(text, layout, rest, "Z07:00")
    if not 1 <= values["02"] <= (monthrange(values["2006"], values["01"])[1] if values["2006"] else 31):
        range_error = f'parsing time "{text}": day out of range'
    elif len(rest) > zone.end():
        range_error = f'parsing time "{text}": extra text: "{rest[zone.end() :]}"'
    return range_error


def _cannot(text: str, layout: str, rest: str, part: str) -> str:
    return f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{part}"'
