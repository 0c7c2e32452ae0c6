"""Containers of one pod in one process namespace, on a real kernel."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from podwright.agent.linux.processes import command_lines, identify, send_signal

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="containers need root")]


async def test_containers_see_each_other_s_processes(node: Any) -> None:
    sandbox = await node.pod()
    first = await node.sandboxes.shared_processes(sandbox.pod.uid)
    assert await node.sandboxes.shared_processes(sandbox.pod.uid) == first
    shared = {"share_process_namespace_pid": first}
    one = await node.run(sandbox, "/bin/sleep", "1001", name="one", **shared)
    two = await node.run(sandbox, "/bin/sleep", "1002", name="two", **shared)
    namespace = "readlink /proc/self/ns/pid"
    assert await node.said(one, namespace) == await node.said(two, namespace)
    assert await node.said(one, namespace) != str(Path("/proc/self/ns/pid").readlink())
    lines = "for f in /proc/[0-9]*/cmdline; do cat $f; echo; done"
    seen = await node.said(one, lines)
    assert "1001" in seen
    assert "1002" in seen

    # What keeps the namespace shows nothing of the node and holds no rights.
    nosy = await node.run(sandbox, "/bin/sleep", "1003", name="nosy", add_capabilities=("SYS_PTRACE",), **shared)
    assert await node.said(nosy, "ls -a /proc/1/root/ /proc/1/root/../ /proc/1/cwd/ | grep -v '^[./]'; true") == ""
    assert "CapPrm:\t0000000000000000" in await node.said(nosy, "cat /proc/1/status")
    assert await node.said(nosy, "ls /proc/1/fd") == ""
    # Nor can it be ended from inside; orphans end with it waiting for them.
    assert (
        await node.said(
            nosy, "kill -9 1; kill -15 1; sh -c 'sleep 0.1 &'; sleep 0.5; cat /proc/[0-9]*/stat | grep -c ') Z '; true"
        )
        == "0"
    )
    await node.runtime.remove(nosy)

    # One container's end is not the other's, and what it leaves behind is taken in.
    ended = await node.inspect(one)
    process = identify(ended.pid)
    assert process is not None
    send_signal(process, signal.SIGKILL)
    assert (await node.ended(one)).exit_code == 137
    assert await node.said(two, "echo still here") == "still here"

    await node.reopen()
    assert await node.sandboxes.shared_processes(sandbox.pod.uid) == first
    for container in (one, two):
        await node.runtime.remove(container)
    await node.sandboxes.remove(sandbox.pod.uid)
    assert identify(first) is None
    assert not [pid for pid, words in command_lines() if any(sandbox.pod.uid in word for word in words)]


async def test_a_first_process_that_was_killed_is_made_anew(node: Any) -> None:
    sandbox = await node.pod()
    uid = sandbox.pod.uid
    first = await node.sandboxes.shared_processes(uid)
    one = await node.run(sandbox, "/bin/sleep", "1000", share_process_namespace_pid=first)
    process = identify(first)
    assert process is not None
    send_signal(process, signal.SIGKILL)
    assert (await node.ended(one)).exit_code == 137  # its namespace is gone, and so is everything in it
    again = await node.sandboxes.shared_processes(uid)
    assert again != first
    two = await node.run(sandbox, "/bin/sleep", "1000", name="two", share_process_namespace_pid=again)
    assert await node.said(two, "echo here") == "here"
    for container in (one, two):
        await node.runtime.remove(container)
    await node.sandboxes.remove(uid)
