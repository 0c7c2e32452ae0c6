"""Takes confidential values out of refusals: why a Secret is refused is said, what it holds is not.

Many rules quote what they refuse, and more will; so it is done once, on the way out, for whatever they say. Pure;
imported with the first such refusal.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.apiserver import confidential

JSON = dict[str, Any]
_LONGEST: Final = 16 * 1024
"""Characters of a refusal that are searched."""
_MOST: Final = 500
"""Values that are searched for."""
_SHORT: Final = 4
_WITHHELD: Final = "what is wrong is not shown, as that would show confidential values"
_PIECES: Final = re.compile(r"[^\"\\<>&'\s\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u200b-\u206f\ufeff\ufff0-\uffff]+")
"""Parts of a value that look the same however a message writes it; what may be escaped lies between them."""


def withheld(error: ApiError, kind: str, sent: Any, stored: JSON | None) -> ApiError:
    """A refusal without the values of what was sent and what is stored; both may be unknown (None)."""
    values = {*confidential.hidden(sent, kind), *confidential.hidden(stored, kind)}
    causes: list[JSON] = (error.details or {}).get("causes") or []
    said = "\n".join((error.message, *(str(cause.get("message", "")) for cause in causes)))
    if len(said) > _LONGEST or len(values) > _MOST:
        return _copy(error, _WITHHELD, [])
    pattern = _pattern(values, said)
    if pattern is None:
        return error
    shown = [{**cause, "message": _without(str(cause.get("message", "")), pattern)} for cause in causes]
    return _copy(error, _without(error.message, pattern), shown)


def text_without(text: str, kind: str, *objects: Any) -> str:
    """A text without the values of some objects (None: there is none), for logs."""
    values = {value for obj in objects for value in confidential.hidden(obj, kind)}
    if len(text) > _LONGEST or len(values) > _MOST:
        return _WITHHELD
    pattern = _pattern(values, text)
    return text if pattern is None else _without(text, pattern)


def _copy(error: ApiError, message: str, causes: list[JSON]) -> ApiError:
    details = {name: part for name, part in (error.details or {}).items() if name != "causes"}
    if causes:
        details["causes"] = causes
    return ApiError(
        error.code,
        error.reason,
        message,
        details=None if error.details is None else details,
        retry_after=error.retry_after,
        continue_token=error.continue_token,
    )


def _forms(values: Iterable[str]) -> Iterator[str]:
    """The values, in base64 and out of it."""
    for value in values:
        yield value
        yield base64.b64encode(value.encode(errors="replace")).decode()
        try:
            yield base64.b64decode(value, validate=True).decode(errors="replace")
        except (binascii.Error, ValueError):
            continue


def _pattern(values: Iterable[str], said: str) -> re.Pattern[str] | None:
    """What finds the parts of values that are there; very short ones only where a value stands, not in every word."""
    pieces = {piece for value in _forms(values) for piece in _PIECES.findall(value) if piece in said and piece.strip()}
    if not pieces:
        return None
    ordered = sorted(pieces, key=lambda piece: (-len(piece), piece))
    return re.compile("|".join(re.escape(p) if len(p) >= _SHORT else _as_value(re.escape(p)) for p in ordered))


def _as_value(piece: str) -> str:
    """In quotes, or in a mapping as sentences have it: `map[a:1 b:2]`."""
    return rf'(?<="){piece}(?=\\*")|(?<=:){piece}(?=[\] ])'


def _without(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(confidential.REDACTED, text)
