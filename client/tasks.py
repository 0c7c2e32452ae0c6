"""A task group that cannot lose a cancellation.

Python's own group (before 3.13), when a child fails while the group's own task is being cancelled, raises the child's
error and forgets the cancellation; whoever handles such errors by trying again then never stops. Here the cancellation
wins.
"""

from __future__ import annotations

import asyncio
import sys
from types import TracebackType
from typing import Self


class TaskGroup(asyncio.TaskGroup):
    """`asyncio.TaskGroup`, but leaving it raises CancelledError when its own task was cancelled."""

    _parent_cancel_requested: bool  # the library's: a child failed, so the group cancelled its own task
    _before = 0

    async def __aenter__(self) -> Self:
        """Begin."""
        task = asyncio.current_task()
        self._before = task.cancelling() if task is not None else 0
        return await super().__aenter__()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for the children. Raises CancelledError before the children's ExceptionGroup."""
        if sys.version_info >= (3, 13):
            await super().__aexit__(exc_type, exc, traceback)
            return
        balanced = self._parent_cancel_requested  # only a request from before this point is taken back by the library
        try:
            await super().__aexit__(exc_type, exc, traceback)
        except BaseExceptionGroup as group:
            task = asyncio.current_task()
            assert task is not None
            if self._parent_cancel_requested and not balanced and task.cancelling() > self._before:
                task.uncancel()
            if task.cancelling() > self._before:
                raise asyncio.CancelledError from group
            raise
