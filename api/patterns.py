"""Regular expressions that clients bring along: RE2's, whose running time is bounded by the text's length.

The library is imported with the first pattern. Refusals are worded as API clients know them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, cast

# How the library words a mistake -> how clients know it. What it names behind the colon is kept.
_WORDS = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid repetition size": "invalid repeat count",
    "trailing \\": "trailing backslash at end of expression",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
}


class PatternError(ValueError):
    """A text is no regular expression."""


class Pattern(Protocol):
    """A compiled expression."""

    def search(self, text: str) -> object | None:
        """Find the first match anywhere in the text."""
        ...


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern:
    """Compile an expression. Raises PatternError."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return cast("Pattern", re2.compile(text, options))
    except re2.error as error:
        raise PatternError(_explain(error, text)) from error


def _explain(error: Exception, text: str) -> str:
    what = error.args[0] if error.args else ""
    words = what.decode(errors="replace") if isinstance(what, bytes) else str(what)
    reason, colon, where = words.partition(": ")
    return f"error parsing regexp: {_WORDS.get(reason, reason)}: `{where if colon else text}`"
