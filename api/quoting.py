"""Values inside error messages, quoted as API clients know them.

Strings are quoted with escapes for what cannot be printed; everything that is no scalar is compact JSON with
sorted keys. It must never shorten a value: clients compare messages.
"""

from __future__ import annotations

import json
import re
from typing import Any, cast

_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
}  # fmt: skip
_HTML = re.compile("[<>&\u2028\u2029]")
_IN_JSON = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def quote(text: str) -> str:
    """Return the string in double quotes with unprintable characters escaped."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escape, text)) + '"'


def show(value: Any) -> str:
    """Return how an error message shows a field's value."""
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    return compact(value, sort_keys=True)


def compact(value: Any, *, sort_keys: bool = False) -> str:
    """Write JSON without blanks, and with escapes for what would mean something in HTML."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)
    return text.translate(_IN_JSON) if _HTML.search(text) else text


def _escape(char: str) -> str:
    known = _ESCAPES.get(char)
    if known is not None:
        return known
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown(value: object) -> str:
    """Show a document inside a sentence: `map[a:1 b:[x y]]`, keys sorted."""
    if isinstance(value, dict):
        members = sorted((str(key), shown(child)) for key, child in cast("dict[object, object]", value).items())
        return f"map[{' '.join(f'{key}:{text}' for key, text in members)}]"
    if isinstance(value, list):
        return f"[{' '.join(map(shown, cast('list[object]', value)))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)
