"""Warnings as they go into the head of an answer: each once, printable, and not more than clients read.

When all of them are too long together each is cut, and what is still too much is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_ALL: Final = 4096
"""Characters of all warnings of an answer."""
_EACH: Final = 256
"""Characters of one, where they are too many together."""


def warning_texts(warnings: Sequence[str] | None) -> tuple[str, ...]:
    """What is told of a request's warnings."""
    if not warnings:
        return ()
    texts = ["".join(char if char.isprintable() else " " for char in text) for text in dict.fromkeys(warnings) if text]
    if sum(map(len, texts)) <= _ALL:
        return tuple(texts)
    return tuple(text[:_EACH] for text in texts[: _ALL // _EACH])
