"""Short-lived threads for system calls that change the calling thread for good (unshare, setns, chdir).

asyncio's pool threads live on and serve others, so they must never run such calls; a thread made for one call and
ended with it costs about 0.1 ms.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


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
