"""Moves what is committed from the write-ahead log into the file, beside the commits.

SQLite would do so inside of the commit that fills a thousand pages: 10 to 40 ms in which everybody who writes waits.
Here a thread with a connection of its own copies the bulk while the writer goes on. What was written meanwhile is
copied in further rounds, and the few pages that are left by the writer itself: only when all is copied and nobody
writes does the log begin anew. When copying does not keep up, the writer waits for it, so the log's size is bounded.
It must never decide what is durable: commits are when they are in the log.
"""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from podwright.store import sqlite_file as file

_BEGIN_PAGES = 1000
"""Pages in the log from which they are copied."""
_FEW_PAGES = 64
"""So many the writer copies itself."""
_MOST_ROUNDS = 3
"""After so many the writer copies what is left, even if it is more."""
_MOST_PAGES = 4000
"""So many at most wait to be copied."""
_FAILING = contextlib.suppress(sqlite3.Error)
"""A full disk, no more files: nothing is lost, the log grows, and the next round tries again."""


class Checkpoints:
    """Owned by the writer's thread, which alone may call it. The thread and connection come with the first need."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages = 0  # in the log and not known to be copied; an estimate, rather too high
        self._rounds = 0  # since the log began anew
        self._begun = 0  # of these, what is being copied
        self._copying: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, "store-checkpoint")
        self._db: sqlite3.Connection | None = None

    def wrote(self, db: sqlite3.Connection, pages: int) -> None:
        """Note that the writer, whose connection is `db`, committed about so many pages. Mostly returns at once."""
        self._pages += pages
        if self._copying is None:
            if self._pages >= _BEGIN_PAGES:
                self._begin()
            return
        if self._pages >= _MOST_PAGES or self._copying.done():
            self._copying.result()
            self._copying = None
            self._pages -= self._begun
            if self._pages > _FEW_PAGES and self._rounds < _MOST_ROUNDS:
                self._begin()
            else:
                with _FAILING:
                    file.checkpoint(db)
                self._pages = self._rounds = 0

    def close(self) -> None:
        """Wait for what is being done."""
        self._thread.shutdown()
        if self._db is not None:
            self._db.close()

    def _begin(self) -> None:
        self._rounds += 1
        self._begun = self._pages
        self._copying = self._thread.submit(self._work)

    def _work(self) -> None:
        with _FAILING:
            if self._db is None:
                self._db = file.open_checkpointer(self._path)
            file.checkpoint(self._db)
