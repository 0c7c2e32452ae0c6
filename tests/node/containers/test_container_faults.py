"""What `kill -9` of a container, its monitor or the agent leaves, and that nothing is lost or left over."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from podwright.agent.linux import mounts
from podwright.agent.linux.processes import identify
from podwright.agent.pods.ports import ContainerState, HostError
from podwright.agent.runtime import conmon

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="containers need root")]


def monitor(node: Any, container: str) -> int:
    return int(Path(node.state, "containers", container, "conmon.pid").read_text())


async def test_killed_container_is_reported_with_its_signal(node: Any) -> None:
    container = await node.run(await node.pod(), "/bin/sleep", "1000")
    os.kill((await node.inspect(container)).pid, signal.SIGKILL)
    ended = await node.ended(container)
    assert (ended.state, ended.exit_code, ended.oom_killed) == (ContainerState.EXITED, 137, False)


async def test_container_without_monitor_is_lost_and_its_process_dies_with_its_removal(node: Any) -> None:
    sandbox = await node.pod()
    container = await node.run(sandbox, "/bin/sleep", "1000")
    process = identify((await node.inspect(container)).pid)
    os.kill(monitor(node, container), signal.SIGKILL)

    assert (await node.ended(container)).state is ContainerState.LOST
    assert identify(process.pid) == process, "only its removal may end it"
    await node.runtime.remove(container)
    assert identify(process.pid) != process
    assert await node.runtime.list() == []


async def test_new_agent_adopts_what_runs_and_hears_of_its_end(node: Any) -> None:
    sandbox = await node.pod()
    runs = await node.shell(sandbox, "trap 'exit 9' TERM; while :; do sleep 0.1; done", name="runs")
    created = node.config(sandbox, "/bin/sh", "-c", "exit 4", name="created")
    await node.runtime.create(created)
    ends = await node.shell(sandbox, "exit 6", name="ends")
    await node.ended(ends)
    before = {info.id: info for info in await node.runtime.list()}

    await node.reopen()

    assert {info.id: info for info in await node.runtime.list()} == before
    assert before[runs].state is ContainerState.RUNNING
    assert before[ends].exit_code == 6
    assert await node.sandboxes.list() == [sandbox]
    await node.runtime.signal(runs, signal.SIGTERM)
    assert (await node.ended(runs)).exit_code == 9
    await node.runtime.start(created.id)
    assert (await node.ended(created.id)).exit_code == 4


async def test_end_while_no_agent_runs_is_found(node: Any, until: Any) -> None:
    container = await node.run(await node.pod(), "/bin/sleep", "1000")
    info = await node.inspect(container)
    node.runtime.close()
    os.kill(info.pid, signal.SIGTERM)
    os.kill(info.pid, signal.SIGKILL)
    await until(Path(node.state, "exits", container).exists)
    await node.reopen()
    found = await node.inspect(container)
    assert (found.state, found.exit_code) == (ContainerState.EXITED, 137)


async def test_monitor_that_dies_while_no_agent_runs_is_noticed(node: Any, until: Any) -> None:
    container = await node.run(await node.pod(), "/bin/sleep", "1000")
    pid = monitor(node, container)
    node.runtime.close()
    os.kill(pid, signal.SIGKILL)
    await until(lambda: identify(pid) is None)
    await node.reopen()
    assert (await node.inspect(container)).state is ContainerState.LOST


async def test_recycled_pids_are_not_taken_for_the_container(node: Any) -> None:
    container = await node.run(await node.pod(), "/bin/sleep", "1000")
    record = Path(node.state, "containers", container, "process.json")
    processes = orjson.loads(record.read_bytes())
    for process in processes.values():
        process["pid"] = os.getpid()  # somebody else by now
    record.write_bytes(orjson.dumps(processes))

    assert (await node.inspect(container)).state is ContainerState.LOST
    await node.runtime.signal(container, signal.SIGKILL)  # would end this test run


@pytest.mark.parametrize("after", ["record", "mount", "bundle", "monitor"])
async def test_creation_cut_off_anywhere_is_lost_and_removable(
    node: Any, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    class AgentDiedError(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise AgentDiedError

    real = conmon.start

    async def start_and_die(*args: Any, **options: Any) -> None:
        assert (await real(*args, **options)).pid > 0
        raise AgentDiedError

    places: dict[str, tuple[Any, str, Any]] = {
        "record": (mounts, "execute", die),
        "mount": (Path, "write_bytes", die),
        "bundle": (conmon, "start", die),
        "monitor": (conmon, "start", start_and_die),
    }
    sandbox = await node.pod()
    config = node.config(sandbox, "/bin/sleep", "1000")
    monkeypatch.setattr(*places[after])
    with pytest.raises(AgentDiedError):
        await node.runtime.create(config)
    monkeypatch.undo()
    await node.reopen()

    (found,) = await node.runtime.list()
    assert (found.id, found.pod, found.state) == (config.id, sandbox.pod, ContainerState.LOST)
    await node.runtime.remove(config.id)
    assert await node.runtime.list() == []
    await node.runtime.create(config)
    await node.runtime.start(config.id)
    assert (await node.inspect(config.id)).state is ContainerState.RUNNING


async def test_creation_whose_monitor_noted_no_pid_is_found_by_its_command_line(node: Any) -> None:
    container = await node.run(await node.pod(), "/bin/sleep", "1000")
    folder = Path(node.state, "containers", container)
    pid = monitor(node, container)
    for name in ("conmon.pid", "process.json"):
        (folder / name).unlink()
    assert (await node.inspect(container)).state is ContainerState.LOST
    await node.runtime.remove(container)
    assert identify(pid) is None


async def test_folder_without_a_record_is_lost_and_removable(node: Any) -> None:
    sandbox = await node.pod()
    config = node.config(sandbox, "/bin/sleep", "1000", name="side", attempt=3)
    folder = Path(node.state, "containers", config.id)
    folder.mkdir()
    (folder / "record.json").write_bytes(b"{")
    (found,) = await node.runtime.list()
    assert (found.state, found.pod.uid, found.name, found.attempt) == (
        ContainerState.LOST, sandbox.pod.uid, "side", 3,
    )  # fmt: skip
    await node.runtime.remove(config.id)
    assert not folder.exists()


async def test_cancelled_creation_leaves_what_removal_finds(node: Any) -> None:
    sandbox = await node.pod()
    for delay in (0.002, 0.006, 0.012, 0.025):
        config = node.config(sandbox, "/bin/sleep", "1000")
        creation = asyncio.ensure_future(node.runtime.create(config))
        await asyncio.sleep(delay)
        creation.cancel()
        await asyncio.wait([creation])
        await node.runtime.remove(config.id)
        assert await node.runtime.list() == []


async def test_failed_creation_says_why(node: Any) -> None:
    config = node.config(await node.pod(), "/bin/true", log_path="/proc/nowhere/x.log")
    with pytest.raises(HostError, match="cannot create container main") as caught:
        await node.runtime.create(config)
    assert caught.value.reason == "CreateContainerError"


async def test_killed_agents_leave_nothing_that_the_next_one_does_not_find(node: Any) -> None:
    program = Path(__file__).with_name("busy_agent.py")
    node.runtime.close()
    node.sandboxes.close()
    for round_ in range(6):
        arguments = (str(node.state), node.cluster, node.cgroup_root, node.image.layers[0])
        agent = await asyncio.create_subprocess_exec(
            sys.executable, str(program), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert agent.stdout is not None
        assert await agent.stdout.readline() == b"ready\n"
        await asyncio.sleep(0.15 + 0.021 * round_)
        agent.kill()
        await agent.wait()
        if round_ % 2:  # every other agent finds what two have left
            await node.reopen()
            await node.clear()
            assert await node.runtime.list() == []
            assert await node.sandboxes.list() == []
            node.runtime.close()
            node.sandboxes.close()
    await node.reopen()  # the fixture looks at the host
