"""Patterns: matches, find and findAll, in time linear in the text.

Patterns are RE2's, as the public API has them; the engine is RE2 itself, so that no pattern can take forever.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from podwright.api.cel.costs import FIND, MATCH
from podwright.api.cel.errors import CostExceeded, EvaluationError
from podwright.api.cel.functions import Overload, declare

if TYPE_CHECKING:
    from collections.abc import Iterator


_LONGEST_KEPT: Final = 1000
_MOST_FOUND: Final = 50_000


def compiled(pattern: str) -> Any:
    """Return a compiled pattern; only short ones are remembered. Raises EvaluationError for what is none."""
    return _remembered(pattern) if len(pattern) <= _LONGEST_KEPT else _compile(pattern)


@lru_cache(maxsize=256)
def _remembered(pattern: str) -> Any:
    return _compile(pattern)


def _compile(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        msg = f"Illegal regex: error parsing regexp: {_reason(error)}"
        raise EvaluationError(msg) from error


def _reason(error: Exception) -> str:
    found = error.args[0] if error.args else ""
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found)


def _matches(text: str, pattern: str) -> bool:
    return compiled(pattern).search(text) is not None


def _find(text: str, pattern: str) -> str:
    found = compiled(pattern).search(text)
    return "" if found is None else found.group()


def _find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    found: list[str] = []
    if most == 0:
        return found
    matches: Iterator[Any] = compiled(pattern).finditer(text)
    for match in matches:
        found.append(match.group())
        if len(found) == most:
            break
        if len(found) > _MOST_FOUND:
            raise CostExceeded
    return found


REGEX: Final[tuple[Overload, ...]] = (
    declare("matches", "string.(string) bool", _matches, MATCH),
    declare("matches", "(string, string) bool", _matches, MATCH),
    declare("find", "string.(string) string", _find, FIND),
    declare("findAll", "string.(string) list(string)", _find_all, FIND),
    declare("findAll", "string.(string, int) list(string)", _find_all, FIND),
)
