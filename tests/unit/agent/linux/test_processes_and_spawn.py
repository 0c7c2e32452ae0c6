"""Processes named beyond doubt, children that are never lost, streams that wait."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from dataclasses import replace

import pytest

from podwright.agent.linux import processes, spawn, streams
from podwright.agent.linux.inotify import events
from podwright.agent.linux.threads import to_its_end


def test_name_of_a_process_may_hold_anything() -> None:
    assert processes.stat_fields("12 (a) R 1) S 4 5") == ["S", "4", "5"]


def test_only_the_very_same_process_is_alive() -> None:
    own = processes.identify(os.getpid())
    assert own is not None
    assert processes.alive(own)
    for other in (replace(own, start_ticks=own.start_ticks + 1), replace(own, boot="other"), None):
        assert not processes.alive(other)
    stranger = replace(own, start_ticks=1)
    assert processes.open_pidfd(stranger) is None
    assert not processes.send_signal(stranger, signal.SIGKILL), "must not kill whoever has that pid now"


async def test_child_is_seen_to_end() -> None:
    child = await spawn.spawn(["sleep", "60"])
    process = processes.identify(child.pid)
    assert process is not None
    assert processes.send_signal(process, signal.SIGTERM)
    assert await child.wait() == 128 + signal.SIGTERM
    assert await child.wait() == 128 + signal.SIGTERM
    assert await processes.ended(process, 10)
    child.kill()


async def test_run_feeds_and_collects() -> None:
    done = await spawn.run(["sh", "-c", "cat; echo err >&2; exit 3"], feed=b"in")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"in", b"err\n")


async def test_run_kills_at_its_time_and_reports_a_missing_program() -> None:
    with pytest.raises(TimeoutError):
        await spawn.run(["sleep", "60"], timeout=0.05)
    with pytest.raises(FileNotFoundError):
        await spawn.run(["/no/such/program"])


async def test_cancelled_spawn_leaves_no_child() -> None:
    before = set(os.listdir("/proc"))
    task = asyncio.ensure_future(spawn.spawn(["sleep", "4711"]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    new = [words for pid, words in processes.command_lines() if str(pid) not in before]
    assert ("sleep", "4711") not in new


async def test_outputs_are_read_to_the_end_of_all() -> None:
    out, out_end = streams.pipe()
    err, err_end = streams.pipe()
    os.write(out_end, b"one")
    os.write(err_end, b"two")
    os.close(out_end)
    os.close(err_end)
    assert [chunk async for chunk in streams.Outputs({1: out, 2: err}).chunks()] == [(1, b"one"), (2, b"two")]


async def test_finished_outputs_do_not_wait_for_descriptors_held_open() -> None:
    out, held = streams.pipe()
    outputs = streams.Outputs({1: out})
    os.write(held, b"last words")
    outputs.finish()
    assert [chunk async for chunk in outputs.chunks()] == [(1, b"last words")]
    os.close(held)


async def test_closing_ends_a_waiting_reader() -> None:
    out, held = streams.pipe()
    outputs = streams.Outputs({1: out})

    async def read() -> list[tuple[int, bytes]]:
        return [chunk async for chunk in outputs.chunks()]

    reader = asyncio.ensure_future(read())
    await asyncio.sleep(0)
    outputs.close()
    assert await reader == []
    os.close(held)


async def test_writing_waits_for_room() -> None:
    read_end, write_end = streams.pipe()
    os.set_blocking(write_end, False)
    os.set_blocking(read_end, False)
    data = os.urandom(1 << 20)
    writer = asyncio.ensure_future(streams.write_all(write_end, data))
    found = b""
    while len(found) < len(data):
        await streams.readable(read_end)
        found += streams.read_chunk(read_end) or b""
    await writer
    assert found == data
    streams.close_all((read_end, write_end))


def test_inotify_buffer_holds_several_events() -> None:
    one = b"\1\0\0\0" + (0x80).to_bytes(4, "little") + bytes(4) + (16).to_bytes(4, "little") + b"abc".ljust(16, b"\0")
    overflow = b"\xff\xff\xff\xff" + (0x4000).to_bytes(4, "little") + bytes(8)
    assert list(events(one + overflow)) == [(0x80, "abc"), (0x4000, "")]


async def test_work_is_over_when_its_cancellation_is() -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[str] = []

    def work() -> None:
        begun.set()
        go_on.wait()
        done.append("work")

    task = asyncio.ensure_future(to_its_end(work))
    await asyncio.to_thread(begun.wait)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["work"]
