"""kill -9 in the middle of writing loses nothing that was acknowledged."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from podwright.store.open import open_store
from podwright.store.protocol import Delete, Put
from podwright.store.sqlite import SqliteStore

WRITER = Path(__file__).with_name("crash_writer.py")


async def write_until(
    url: str, folder: Path, lines: int, acknowledged: dict[str, tuple[int, int]], meanwhile=None
) -> None:
    """Let a child write; after some acknowledgements call `meanwhile`, after as many again kill the child."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(WRITER), url, str(folder), "8", stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    count = 0
    try:
        async for line in child.stdout:
            key, number, revision = line.split()
            acknowledged[key.decode()] = (int(number), int(revision))
            count += 1
            if count == lines and meanwhile is not None:
                await meanwhile()
            if count == lines * (1 if meanwhile is None else 2):
                break
    finally:
        child.send_signal(signal.SIGKILL)
        rest = await child.stdout.read()
        await child.wait()
    assert count >= lines, "the writer ended by itself"
    for line in rest.splitlines(keepends=True):  # acknowledged before the kill, read after it
        if line.endswith(b"\n"):
            key, number, revision = line.split()
            acknowledged[key.decode()] = (int(number), int(revision))


async def check(store, acknowledged: dict[str, tuple[int, int]]) -> None:
    for key, (number, revision) in acknowledged.items():
        now = await store.get(key)
        assert now is not None
        assert int(now.value) >= number, f"{key}: acknowledged {number}, found {now.value}"
        assert now.mod_revision >= revision
        log = await store.range(f"{key}/log/")
        assert log.count == int(now.value), "half a txn"


async def test_sqlite_loses_nothing_when_its_process_is_killed(tmp_path):
    acknowledged: dict[str, tuple[int, int]] = {}
    for lines in (1, 400, 57, 1000):
        await write_until("sqlite", tmp_path, lines, acknowledged)
        store = await open_store("sqlite", tmp_path)
        await check(store, acknowledged)
        assert await store.current_revision() >= max(revision for _, revision in acknowledged.values())
        await store.close()


async def test_sqlite_loses_nothing_when_it_is_killed_while_its_log_is_copied(tmp_path, monkeypatch):
    """With so low a bound it is being copied nearly always."""
    monkeypatch.setenv("CRASH_WRITER_COPIES_FROM", "8")
    acknowledged: dict[str, tuple[int, int]] = {}
    for lines in (30, 211, 320, 433):
        await write_until("sqlite", tmp_path, lines, acknowledged)
        store = await open_store("sqlite", tmp_path)
        await check(store, acknowledged)
        await store.close()


async def test_sqlite_survives_being_killed_while_it_compacts(tmp_path):
    """Purging is physical work on the same file: whatever moment it dies at, history goes on."""
    acknowledged: dict[str, tuple[int, int]] = {}
    for _ in range(3):
        await write_until("sqlite", tmp_path, 200, acknowledged)
        store = await SqliteStore.open(tmp_path / "store" / "state.db")
        revision = await store.current_revision()
        await store.compact(revision)
        await asyncio.gather(*(store.txn([], [Put(f"x{i}", b"")]) for i in range(50)))
        await asyncio.gather(*(store.txn([], [Delete(f"x{i}")]) for i in range(50)))
        await check(store, acknowledged)
        await store.close()


@pytest.mark.etcd
async def test_etcd_loses_nothing_when_both_are_killed(tmp_path, start_etcd):
    (server,) = await start_etcd()
    acknowledged: dict[str, tuple[int, int]] = {}

    async def kill_the_server() -> None:
        await server.kill()
        await server.start()

    for lines in (50, 200):
        await write_until(server.url, tmp_path, lines, acknowledged, kill_the_server)
        await server.kill()
        await server.start()
        store = await open_store(server.url, tmp_path)
        await check(store, acknowledged)
        await store.close()
