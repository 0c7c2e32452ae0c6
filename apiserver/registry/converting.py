"""Objects that only somebody outside can convert: what is not known yet is asked for, then tried again.

Synchronous code that needs a conversion raises `UnconvertedError`; the asynchronous shell around it, `settled`, lets it
be learned and calls that code once more. So rules and ownership stay plain functions. It must never wrap code that does
more than work something out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from podwright.api.errors import ApiError, internal

T = TypeVar("T")
_ATTEMPTS: Final = 100


class UnconvertedError(ApiError):
    """A conversion is not known yet; `learn` asks for it. Where nobody does, it is a failure of ours."""

    def __init__(self, learn: Callable[[], Awaitable[None]]) -> None:
        super().__init__(500, "InternalError", "Internal error occurred: an object was not converted")
        self.learn = learn


async def settled(work: Callable[[], T]) -> T:
    """Return what `work` returns once all conversions that it needs are known. Raises what it and they raise."""
    for _ in range(_ATTEMPTS):
        try:
            return work()
        except UnconvertedError as needed:
            await needed.learn()
    raise internal("conversions are forgotten faster than they are learned")
