"""Ages are short and step as people know them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from podwright.apiserver.printing.ages import human_duration, since

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-1.5, "0s"),
        (0, "0s"),
        (59.9, "59s"),
        (119, "119s"),
        (120, "2m"),
        (190, "3m10s"),
        (10 * MINUTE - 1, "9m59s"),
        (10 * MINUTE + 5, "10m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR, "3h"),
        (5 * HOUR + 2 * MINUTE + 9, "5h2m"),
        (8 * HOUR + 5 * MINUTE, "8h"),
        (47 * HOUR, "47h"),
        (2 * DAY, "2d"),
        (3 * DAY + 4 * HOUR, "3d4h"),
        (8 * DAY + 4 * HOUR, "8d"),
        (325 * DAY, "325d"),
        (729 * DAY, "729d"),
        (740 * DAY, "2y10d"),
        (3 * 365 * DAY, "3y"),
        (8 * 365 * DAY + 10 * DAY, "8y"),
    ],
)
def test_human_duration(seconds: float, text: str) -> None:
    assert human_duration(timedelta(seconds=seconds)) == text


def test_since() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert since("2026-01-02T03:04:02Z", now) == "3s"
    assert since("2026-01-02T03:04:02.900000Z", now) == "2s"
    assert since(None, now) == since("", now) == since("nonsense", now) == "<unknown>"
