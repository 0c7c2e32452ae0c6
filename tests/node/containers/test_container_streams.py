"""Commands in a running container: bounded, interactive, on a terminal; and joining its own process."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from podwright.agent.pods.ports import HostError
from podwright.agent.runtime.executions import OUTPUT_LIMIT

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="containers need root")]


async def everything(stream: Any) -> dict[int, bytes]:
    found = {1: b"", 2: b""}
    async for channel, data in stream.output():
        found[channel] += data
    return found


async def until(stream: Any, text: bytes) -> bytes:
    seen = b""
    async for _, data in stream.output():
        seen += data
        if text in seen:
            return seen
    raise AssertionError(seen)


@pytest.fixture
async def container(node: Any) -> str:
    sandbox = await node.pod()
    return await node.run(sandbox, "/bin/sleep", "1000", env=("COLOR=blue",), working_dir="/tmp", uid=1000, gid=1000)


async def test_bounded_command(node: Any, container: str) -> None:
    script = "echo out; echo err >&2; pwd; echo $COLOR; id -u; exit 3"
    result = await node.runtime.exec_sync(container, ["/bin/sh", "-c", script], 10)
    assert (result.exit_code, result.stdout, result.stderr, result.timed_out) == (
        3, b"out\n/tmp\nblue\n1000\n", b"err\n", False,
    )  # fmt: skip


async def test_bounded_command_keeps_the_first_part_of_much_output(node: Any, container: str) -> None:
    result = await node.runtime.exec_sync(container, ["/bin/sh", "-c", "yes | head -c 1000000; exit 2"], 20)
    assert (result.exit_code, result.stdout) == (2, b"y\n" * (OUTPUT_LIMIT // 2))


async def test_bounded_command_is_killed_at_its_time(node: Any, container: str) -> None:
    result = await node.runtime.exec_sync(container, ["/bin/sh", "-c", "echo begun; exec sleep 999"], 0.5)
    assert (result.timed_out, result.stdout) == (True, b"begun\n")
    listing = await node.said(container, "for p in /proc/[0-9]*; do cat $p/cmdline; echo; done")
    assert "999" not in listing
    assert "1000" in listing


async def test_background_child_does_not_hold_a_bounded_command_open(node: Any, container: str) -> None:
    if node.runtime.runtime_version.startswith("runc"):
        pytest.skip("runc itself waits for the streams to end")
    result = await node.runtime.exec_sync(container, ["/bin/sh", "-c", "sleep 888 & echo done"], 15)
    assert (result.exit_code, result.stdout, result.timed_out) == (0, b"done\n", False)


async def test_missing_command_is_refused_and_not_an_exit_code(node: Any, container: str) -> None:
    with pytest.raises(HostError, match='exec: "nope": executable file not found in \\$PATH') as caught:
        await node.runtime.exec_sync(container, ["nope"], 10)
    assert caught.value.reason == "StartError"
    result = await node.runtime.exec_sync(container, ["/bin/sh", "-c", "echo nope >&2; exit 127"], 10)
    assert (result.exit_code, result.stderr) == (127, b"nope\n")
    stream = await node.runtime.exec(container, ["/nope"], tty=True, stdin=True)
    await everything(stream)  # the runtime says it there, too
    with pytest.raises(HostError, match="stat /nope: no such file"):
        await stream.wait()
    await stream.close()


async def test_streams_carry_stdin_to_its_end(node: Any, container: str) -> None:
    stream = await node.runtime.exec(container, ["/bin/cat"], tty=False, stdin=True)
    data = os.urandom(300_000)

    async def feed() -> None:
        await stream.write(data)
        await stream.close_stdin()

    feeding = asyncio.ensure_future(feed())
    assert (await everything(stream))[1] == data
    await feeding
    assert await stream.wait() == 0
    await stream.close()


async def test_terminal_with_size_and_signals(node: Any, container: str) -> None:
    stream = await node.runtime.exec(container, ["/bin/sh"], tty=True, stdin=True)
    await stream.resize(100, 40)
    await stream.write(b"tty; stty size; echo $TERM; echo first=done\n")
    assert b"/dev/pts/0\r\n40 100\r\nxterm" in await until(stream, b"\nfirst=done")
    await stream.resize(132, 50)
    await stream.write(b"stty size; echo second=done\n")
    assert b"50 132\r\n" in await until(stream, b"\nsecond=done")
    await stream.write(b"sleep 500\n")
    await asyncio.sleep(0.1)
    await stream.write(b"\x03")
    await stream.write(b"exit 4\n")
    await everything(stream)
    assert await stream.wait() == 4
    await stream.close()


async def test_closed_stream_ends_the_command(node: Any, container: str) -> None:
    for tty in (False, True):
        stream = await node.runtime.exec(container, ["/bin/sleep", "777"], tty=tty, stdin=False)
        reader = asyncio.ensure_future(everything(stream))
        while "777" not in await node.said(container, "for p in /proc/[0-9]*; do cat $p/cmdline; done | tr '\\0' ' '"):
            pass
        await stream.close()
        assert await reader == {1: b"", 2: b""}
        assert await stream.wait() == 137
        assert "777" not in await node.said(container, "for p in /proc/[1-9]*; do cat $p/cmdline; done | tr '\\0' ' '")


async def test_attach_reads_and_feeds_the_containers_own_process(node: Any) -> None:
    script = "while read line; do echo got $line; echo aside >&2; done; echo end; sleep 0.2; exit 8"
    container = await node.shell(await node.pod(), script, stdin=True, stdin_once=True)
    stream = await node.runtime.attach(container, stdin=True)
    await stream.write(b"one\n")
    seen = b""
    async for channel, data in stream.output():
        seen += b"%d:%s" % (channel, data)
        if b"aside" in seen:
            await stream.close_stdin()
    assert seen.count(b"1:got one\n") == 1
    assert b"2:aside\n" in seen
    assert b"1:end\n" in seen
    assert await stream.wait() == 0
    await stream.close()
    assert (await node.ended(container)).exit_code == 8
    assert node.log(container) == ["got one", "end"]


async def test_attached_client_that_leaves_does_not_end_stdin(node: Any) -> None:
    container = await node.shell(await node.pod(), "while read line; do echo got $line; done; echo end", stdin=True)
    for word in (b"one", b"two"):
        stream = await node.runtime.attach(container, stdin=True)
        await stream.write(word + b"\n")
        await until(stream, b"got " + word)
        await stream.close()
    assert node.log(container) == ["got one", "got two"]


async def test_attach_to_a_terminal(node: Any) -> None:
    container = await node.shell(await node.pod(), "read x; stty size; exit 2", tty=True, stdin=True)
    stream = await node.runtime.attach(container, stdin=True)
    await stream.resize(90, 33)
    await stream.write(b"go\r")
    assert b"33 90" in (await everything(stream))[1]
    await stream.close()
    assert (await node.ended(container)).exit_code == 2


async def test_only_running_containers_take_commands(node: Any) -> None:
    config = node.config(await node.pod(), "/bin/true")
    for created in (False, True):
        if created:
            await node.runtime.create(config)
        with pytest.raises(HostError) as caught:
            await node.runtime.exec_sync(config.id, ["/bin/true"], 10)
        assert caught.value.reason == "ContainerNotRunning"
        with pytest.raises(HostError) as caught:
            await node.runtime.attach(config.id, stdin=False)
        assert caught.value.reason == "ContainerNotRunning"


async def test_a_command_goes_first_when_memory_runs_out_like_its_container(node: Any) -> None:
    container = await node.run(await node.pod(), "/bin/sleep", "1000", oom_score_adj=900)
    assert await node.said(container, "cat /proc/1/oom_score_adj /proc/self/oom_score_adj") == "900\n900"
