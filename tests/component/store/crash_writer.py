"""Run as a child process: writes to a store as fast as it can and prints what was acknowledged, until it is killed."""

import asyncio
import os
import sys

from podwright.store import sqlite_checkpoints
from podwright.store.open import open_store
from podwright.store.protocol import Compare, Put, StoreUnavailable


async def main(url: str, data_dir: str, writers: int) -> None:
    store = await open_store(url, data_dir)

    async def write(who: int) -> None:
        key = f"w{who}"
        known = await store.get(key)
        revision, number = (known.mod_revision, int(known.value)) if known else (0, 0)
        while True:
            try:
                result = await store.txn(
                    [Compare(key, revision)], [Put(key, b"%d" % (number + 1)), Put(f"{key}/log/{number + 1}", b"")]
                )
            except StoreUnavailable:  # unknown outcome: look, then go on
                while True:
                    try:
                        known = await store.get(key)
                        break
                    except StoreUnavailable:
                        await asyncio.sleep(0.02)
                revision, number = (known.mod_revision, int(known.value)) if known else (0, 0)
                continue
            assert result.succeeded, result
            revision, number = result.revision, number + 1
            print(f"{key} {number} {revision}", flush=True)

    await asyncio.gather(*(write(who) for who in range(writers)))


if copies_from := os.environ.get("CRASH_WRITER_COPIES_FROM"):
    sqlite_checkpoints._BEGIN_PAGES = int(copies_from)
asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
