"""Short-lived threads for system calls that change the calling thread for good (unshare, setns, chdir).

asyncio's pool threads live on and serve others, so they must never run such calls; a thread made for one call and
ended with it costs about 0.1 ms.

And work on pool threads that must not be left behind: a cancelled asyncio.to_thread gives up the wait, not the work.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def in_own_thread(work: Callable[[], T]) -> T:
    """Run `work` on a thread of its own and return its result or raise its error; blocks the caller meanwhile."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the caller, whatever it is
            errors.append(error)

    thread = threading.Thread(target=run, name="podwright-kernel", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


async def to_its_end(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Like asyncio.to_thread, but when cancelled it first waits for the work to end.

    For work done under a lock: whoever gets the lock next must not find it still going on.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue  # again: the work still cannot be stopped
        if not task.cancelled():
            task.exception()  # taken note of; the cancellation goes first
        raise
