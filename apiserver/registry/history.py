"""`?atRevision=N` and `?atTime=T` of get and list: another moment's state, from the revisions that the store keeps.

A time is RFC 3339, or a span before now as the server's clock has it: `-5m`, `-1h30m`. How far back one can look is the
store's retention window. Nothing but reads may look back: every other request refuses these parameters.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from podwright.api.errors import ApiError, bad_request, expired
from podwright.api.times import format_time, parse_time
from podwright.apiserver.options import Query, parse_revision
from podwright.apiserver.registry.core import Registry
from podwright.store.protocol import Compacted

AT_REVISION: Final = "atRevision"
AT_TIME: Final = "atTime"
NOW: Final = 0
_UNITS: Final = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN = re.compile(r"-(?:\d+[dhms])+")


def looks_back(query: Query) -> bool:
    """Tell whether a request asks for another moment than now."""
    return query.has(AT_REVISION) or query.has(AT_TIME)


def refuse_history(query: Query, what: str) -> None:
    """Refuse the parameters where they mean nothing. Raises ApiError 400."""
    if looks_back(query):
        msg = f"{AT_REVISION} and {AT_TIME} are only for get and list, not for {what}"
        raise bad_request(msg)


async def asked_revision(registry: Registry, query: Query, now: datetime) -> int:
    """The revision that a get or list is about; `NOW` without a parameter. Raises ApiError 400, 410.

    A continue token goes on at the revision of its first page, whatever the parameters say by now.
    """
    if not query.pairs or not looks_back(query) or query.get("continue"):
        return NOW
    others = [name for name in ("resourceVersion", "resourceVersionMatch") if query.get(name)]
    if query.has(AT_REVISION) and query.has(AT_TIME):
        others.append(AT_TIME)
    if others:
        first = AT_REVISION if query.has(AT_REVISION) else AT_TIME
        msg = f"{first} cannot be combined with {others[0]}"
        raise bad_request(msg)
    if query.has(AT_REVISION):
        return _revision(query.get(AT_REVISION))
    moment = _moment(query.get(AT_TIME), now)
    try:
        return await registry.store.revision_at(moment.timestamp())
    except Compacted as error:
        raise too_old(f"the state at {format_time(moment)}", error) from error


def too_old(what: str, error: Compacted) -> ApiError:
    """The 410 for a moment that the store no longer knows."""
    oldest = f"; the oldest revision kept is {error.compact_revision}" if error.compact_revision > 0 else ""
    return expired(f"{what} is no longer kept{oldest}")


def _revision(text: str) -> int:
    revision = parse_revision(text)
    if not revision:
        msg = f'{AT_REVISION}: Invalid value: "{text}": must be a resourceVersion: a positive whole number'
        raise bad_request(msg)
    return revision


def _moment(text: str, now: datetime) -> datetime:
    if _SPAN.fullmatch(text):
        seconds = sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([dhms])", text))
        try:
            return now - timedelta(seconds=seconds)
        except OverflowError as error:
            msg = f'{AT_TIME}: Invalid value: "{text}": is before all time'
            raise bad_request(msg) from error
    try:
        moment = parse_time(text)
    except ValueError as error:
        msg = f'{AT_TIME}: Invalid value: "{text}": must be a time as 2006-01-02T15:04:05Z or a span before now as -5m'
        raise bad_request(msg) from error
    if moment > now:
        msg = f'{AT_TIME}: Invalid value: "{text}": is in the future'
        raise bad_request(msg)
    return moment
