"""What of a pod is shown while its containers are being started, and when it ends."""

from __future__ import annotations

import asyncio

import pytest
from fake_node import FakeNode, Script, container, find_status, pod

from podwright.agent.pods.holding import LONGEST, Hold
from podwright.agent.pods.ports import ExecResult

pytestmark = pytest.mark.looptime


def test_a_round_is_shown_at_its_begin_and_its_end() -> None:
    hold = Hold()
    assert hold.until(10, starting=True, following="a") is None
    assert hold.until(10.1, starting=True) == 10 + LONGEST
    assert hold.until(10.2, starting=True, following="b") == 10 + LONGEST
    assert hold.until(10.3, starting=False) is None


def test_the_same_container_again_is_the_next_round() -> None:
    hold = Hold()
    assert hold.until(10, starting=True, following="a") is None
    assert hold.until(10.1, starting=True, following="b") is not None
    assert hold.until(10.2, starting=True, following="a") is None


def test_a_long_round_is_shown_as_it_is() -> None:
    hold = Hold()
    hold.begin(10)
    assert hold.until(10.5, starting=True, following="a") == 10 + LONGEST
    assert hold.until(10 + LONGEST, starting=True) is None


async def test_containers_that_come_up_together_show_as_one_step(node: FakeNode) -> None:
    node.run(pod(container("b"), container("a")))
    await asyncio.sleep(3)
    running = [
        [("running" in c["state"]) for c in status["containerStatuses"]]
        for _, status in node.statuses
        if "containerStatuses" in status
    ]
    assert [True, False] not in running
    assert [False, True] not in running
    assert running[-1] == [True, True]
    assert [c["name"] for c in node.last()["containerStatuses"]] == ["a", "b"]
    await node.stop()


async def test_a_probe_s_kill_goes_from_one_run_to_the_next(node: FakeNode) -> None:
    failing = Script(exec=lambda _c, _s: ExecResult(1, b"", b""))
    node.runtime.scripts["c"] = [failing, Script()]
    probe = {"exec": {"command": ["x"]}, "periodSeconds": 1, "failureThreshold": 2}
    node.run(pod(container("c", livenessProbe=probe)))
    await asyncio.sleep(8)
    assert node.states("c") == ["waiting ContainerCreating", "running", "running #1"]
    await node.stop()


async def test_a_deleted_pod_is_heard_before_it_ends(node: FakeNode) -> None:
    made = pod(container("c", image="nope:1", imagePullPolicy="Never"))
    worker = node.run(made)
    await asyncio.sleep(3)
    assert node.states("c")[-1] == "waiting ErrImageNeverPull"
    made = {**made, "metadata": {**made["metadata"], "deletionTimestamp": "2027-01-15T08:00:30Z",
                                 "deletionGracePeriodSeconds": 30, "generation": 2}}  # fmt: skip
    worker.update(made)
    await asyncio.sleep(3)
    seen = [(s["observedGeneration"], s["phase"]) for _, s in node.statuses]
    assert seen[-2:] == [(2, "Pending"), (2, "Failed")]
    await node.stop()


async def test_a_deleted_pod_that_runs_does_not_show_its_stop_twice(node: FakeNode) -> None:
    made = pod(container("c"))
    worker = node.run(made)
    await asyncio.sleep(3)
    deleted = {"deletionTimestamp": "2027-01-15T08:00:30Z", "deletionGracePeriodSeconds": 30, "generation": 2}
    worker.update({**made, "metadata": {**made["metadata"], **deleted}})
    await asyncio.sleep(3)
    assert [(s["observedGeneration"], s["phase"]) for _, s in node.statuses][-2:] == [(2, "Running"), (2, "Succeeded")]
    await node.stop()


async def test_a_sidecar_is_seen_before_those_that_waited_for_it(node: FakeNode) -> None:
    made = pod(container("c"))
    made["spec"]["initContainers"] = [container("s", restartPolicy="Always")]
    node.run(made)
    await asyncio.sleep(3)
    pairs = [(find_status(s, "s"), find_status(s, "c")) for _, s in node.statuses]
    assert any("running" in s["state"] and "waiting" in c["state"] for s, c in pairs)
    await node.stop()


async def test_one_that_keeps_ending_does_not_hold_the_others_up(node: FakeNode) -> None:
    node.runtime.scripts["a"] = [Script(seconds=0, exit_code=1)]
    node.run(pod(container("a"), container("b"), container("c")))
    await asyncio.sleep(3)
    order = list(node.runtime.configs)
    assert order[:3] == ["u1_a_0", "u1_b_0", "u1_c_0"]
    await node.stop()
