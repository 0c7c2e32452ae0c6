"""A task group that cannot lose a cancellation.

Before Python 3.13, a group whose child fails while the group's own task is being cancelled raises the child's error and
forgets the cancellation; whoever handles such errors by trying again then never stops. Here the cancellation wins.
"""

from __future__ import annotations

import asyncio
from types import TracebackType


class TaskGroup(asyncio.TaskGroup):
    """`asyncio.TaskGroup`, but leaving it raises CancelledError when its own task was cancelled."""

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for the children. Raises CancelledError before the children's ExceptionGroup."""
        try:
            await super().__aexit__(exc_type, exc, traceback)
        except BaseExceptionGroup as group:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise asyncio.CancelledError from group
            raise
