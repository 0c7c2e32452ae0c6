"""The `timeout` of a request's query: a duration such as `1m30s`, refused where it is none.

Pure. It must never end a request: that is up to whoever waits for the answer.
"""

from __future__ import annotations

import re
from typing import Final

from podwright.api.errors import bad_request
from podwright.api.quoting import quote
from podwright.apiserver.options import Query
from podwright.apiserver.routes import Target

_LONG: Final = frozenset(("attach", "exec", "log", "portforward", "proxy"))
"""Subresources whose requests last as long as they last."""
_UNITS: Final = frozenset(("ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h"))
_PART: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?P<unit>[^0-9.]*)")


def check_timeout(query: Query, target: Target) -> None:
    """Refuse a limit that is no duration. Raises ApiError 400."""
    text = query.get("timeout")
    if not text or target.verb == "watch" or target.subresource in _LONG:
        return
    why = duration_problem(text)
    if why:
        raise bad_request(f"invalid timeout specified in the request URL - time: {why}")


def duration_problem(text: str) -> str:
    """Say why a text is no duration; "" when it is one."""
    rest = text[1:] if text[0] in "+-" else text
    if rest == "0":
        return ""
    at = 0
    while at < len(rest) or not rest:
        part = _PART.match(rest, at)
        if part is None:
            return f"invalid duration {quote(text)}"
        unit = part["unit"]
        if not unit:
            return f"missing unit in duration {quote(text)}"
        if unit not in _UNITS:
            return f"unknown unit {quote(unit)} in duration {quote(text)}"
        at = part.end()
    return ""
