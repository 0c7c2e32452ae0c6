"""Whose process namespace a container joins."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_node import FakeNode, container, find_status, pod

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize(("spec", "joined"), [({}, 0), ({"shareProcessNamespace": True}, 4711)], ids=["own", "shared"])
async def test_containers_share_processes_where_the_pod_says_so(
    node: FakeNode, spec: dict[str, Any], joined: int
) -> None:
    node.run(pod(**spec))
    await asyncio.sleep(2)
    assert node.runtime.configs["u1_c_0"].share_process_namespace_pid == joined
    await node.stop()


async def test_a_debug_container_joins_its_target(node: FakeNode) -> None:
    worker = node.run(made := pod())
    await asyncio.sleep(2)
    extra = [container("debug", targetContainerName="c"), container("lost", targetContainerName="x")]
    worker.update({**made, "spec": {**made["spec"], "ephemeralContainers": extra}})
    await asyncio.sleep(2)
    assert node.runtime.configs["u1_debug_0"].share_process_namespace_pid == node.runtime.infos["u1_c_0"].pid
    waiting = find_status(node.last(), "lost")["state"]["waiting"]
    assert (waiting["reason"], waiting["message"]) == ("CreateContainerError", 'target container "x" does not run')
    await node.stop()
