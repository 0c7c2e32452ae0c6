"""Functions on strings. Positions count characters. What could make a text far longer than its parts is bounded."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from podwright.api.cel.costs import (
    CONTAINS,
    LIMIT,
    SCAN,
    STRING_FACTOR,
    Cost,
    Estimate,
    Range,
    Sized,
    deep,
    exactly,
    nested,
    traversal,
    walked,
)
from podwright.api.cel.errors import CostExceeded, EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.library.formatting import format_text
from podwright.api.cel.values import size_of

_LONGEST: Final = 10_000_000
_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_QUOTED: Final = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"',
}  # fmt: skip
_UPPER: Final = re.compile("[a-z]+")
_LOWER: Final = re.compile("[A-Z]+")


def _out_of_range(index: int) -> EvaluationError:
    return EvaluationError(f"index out of range: {index}")


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise _out_of_range(index)
    return text[index : index + 1]


def _index_of(text: str, part: str, start: int = 0) -> int:
    if start < 0:
        raise _out_of_range(start)
    if not part:
        return min(start, len(text))
    return text.find(part, start)


def _last_index_of(text: str, part: str, start: int | None = None) -> int:
    if start is None:
        return text.rfind(part)
    if start < 0:
        raise _out_of_range(start)
    if not part:
        return min(start, len(text))
    return -1 if start >= len(text) else text.rfind(part, 0, start + len(part))


def _replace(text: str, old: str, new: str, most: int = -1) -> str:
    count = text.count(old) if old else len(text) + 1
    count = count if most < 0 else min(count, most)
    if len(text) + count * (len(new) - len(old)) > _LONGEST:
        raise CostExceeded
    return text.replace(old, new, most)


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    if most == 0:
        return []
    if separator:
        return text.split(separator, most - 1 if most > 0 else -1)
    parts = list(text)
    if 0 < most < len(parts):
        return [*parts[: most - 1], "".join(parts[most - 1 :])]
    return parts


def _substring(text: str, start: int, end: int | None = None) -> str:
    if end is not None and start > end:
        msg = f"invalid substring range. start: {start}, end: {end}"
        raise EvaluationError(msg)
    for index in (start, end):
        if index is not None and not 0 <= index <= len(text):
            raise _out_of_range(index)
    return text[start:end]


def _join(parts: Sequence[str], separator: str = "") -> str:
    for part in parts:
        if type(part) is not str:
            msg = f"join: invalid input: {part}"
            raise EvaluationError(msg)
    if sum(map(len, parts)) + len(separator) * len(parts) > _LONGEST:
        raise CostExceeded
    return separator.join(parts)


def _quote(text: str) -> str:
    return '"' + "".join(_QUOTED.get(character, character) for character in text) + '"'


def _join_estimate(args: Sequence[Sized]) -> Estimate:
    count, item = args[0].size, args[0].item()
    size = exactly(0) if item is None else count.times(item.size)
    if len(args) > 1:
        size = size.plus(args[1].size.times(Range(max(count.low - 1, 0), max(count.high - 1, 0))))
    return Estimate(size.scaled(STRING_FACTOR), size)


def _join_actual(args: Sequence[Any], _result: Any) -> int:
    between = size_of(args[1]) * max(len(args[0]) - 1, 0) if len(args) > 1 else 0
    return walked(sum(size_of(part) for part in args[0]) + between, 2 * STRING_FACTOR)


def _replace_estimate(args: Sequence[Sized]) -> Estimate:
    text, old, new = (arg.size for arg in args[:3])
    most, least = 0, 0
    kept_most, kept_least = text.high, text.low
    if old.low == 0:
        most = min(text.high + 1, LIMIT)
    elif new.high > old.low:
        most, kept_most = math.ceil(text.high / old.low), 0
    if old.high == 0:
        least = min(text.low + 1, LIMIT)
    elif old.high > new.low:
        least, kept_least = math.ceil(text.low / old.high), 0
    size = Range(least, min(most, LIMIT)).times(new).plus(Range(kept_least, kept_most))
    return Estimate(text.scaled(2 * STRING_FACTOR), size)


def _split_estimate(args: Sequence[Sized]) -> Estimate:
    text = args[0].size
    limit = args[2].literal if len(args) > 2 else None
    most = limit if type(limit) is int and limit >= 0 else text.high
    return Estimate(text.scaled(2 * STRING_FACTOR), Range(0, most))


def _quote_estimate(args: Sequence[Sized]) -> Estimate:
    size = args[0].size
    return Estimate(size.scaled(STRING_FACTOR), Range(size.low + 2, min(size.high * 2 + 2, LIMIT)))


_WALK: Final = traversal(0, keeps_size=True)
_REPLACE: Final = Cost(_replace_estimate, traversal(0, 2 * STRING_FACTOR).actual)
_SPLIT: Final = Cost(_split_estimate, traversal(0, 2 * STRING_FACTOR).actual)
_JOIN: Final = Cost(_join_estimate, _join_actual)
_QUOTE: Final = Cost(_quote_estimate, traversal(0).actual)
_FORMAT: Final = Cost(
    traversal(0).estimate, lambda args, _result: walked(size_of(args[0])) + deep(args[1]) + 4 * nested(args[1])
)
_AFFIX: Final = Cost(traversal(1).estimate, traversal(0).actual)

STRINGS: Final[tuple[Overload, ...]] = (
    declare("contains", "string.(string) bool", lambda text, part: part in text, CONTAINS),
    declare("startsWith", "string.(string) bool", str.startswith, _AFFIX),
    declare("endsWith", "string.(string) bool", str.endswith, _AFFIX),
    declare("charAt", "string.(int) string", _char_at),
    declare("indexOf", "string.(string) int", _index_of, SCAN),
    declare("indexOf", "string.(string, int) int", _index_of, SCAN),
    declare("lastIndexOf", "string.(string) int", _last_index_of, SCAN),
    declare("lastIndexOf", "string.(string, int) int", _last_index_of, SCAN),
    declare("lowerAscii", "string.() string", lambda text: _LOWER.sub(lambda part: part.group().lower(), text), _WALK),
    declare("upperAscii", "string.() string", lambda text: _UPPER.sub(lambda part: part.group().upper(), text), _WALK),
    declare("replace", "string.(string, string) string", _replace, _REPLACE),
    declare("replace", "string.(string, string, int) string", _replace, _REPLACE),
    declare("split", "string.(string) list(string)", _split, _SPLIT),
    declare("split", "string.(string, int) list(string)", _split, _SPLIT),
    declare("substring", "string.(int) string", _substring, _WALK),
    declare("substring", "string.(int, int) string", _substring, _WALK),
    declare("trim", "string.() string", lambda text: text.strip(_SPACE), _WALK),
    declare("join", "list(string).() string", _join, _JOIN),
    declare("join", "list(string).(string) string", _join, _JOIN),
    declare("strings.quote", "(string) string", _quote, _QUOTE),
    declare("format", "string.(list(dyn)) string", format_text, _FORMAT),
    declare(
        "jsonpatch.escapeKey", "(string) string", lambda text: text.replace("~", "~0").replace("/", "~1"),
        traversal(0, keeps_size=True),
    ),
)  # fmt: skip
