"""How pods end: grace, force, order of sidecars, deletion at odd moments."""

from __future__ import annotations

import asyncio

import pytest
from fake_node import EPOCH, FakeNode, Script, condition, container, deleted, find_status, pod

from podwright.agent.pods.ports import ExecResult

pytestmark = pytest.mark.looptime


def signals(node: FakeNode) -> list[tuple[float, str, int]]:
    return [(round(at - EPOCH, 1), cid.split("_")[1], number) for at, cid, number in node.runtime.signals]


async def test_term_is_ignored_until_the_grace_is_over(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(on_term=None)]
    made = pod()
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 5))
    await asyncio.sleep(10)
    assert signals(node) == [(2.0, "c", 15), (7.0, "c", 9)]
    state = find_status(node.last(), "c")["state"]["terminated"]
    assert (state["exitCode"], state["reason"]) == (137, "Error")
    assert node.last()["phase"] == "Failed"
    await node.stop()


async def test_a_shorter_grace_is_obeyed(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(on_term=None)]
    made = pod()
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 30))
    await asyncio.sleep(3)
    worker.update(deleted(made, 2))
    await asyncio.sleep(5)
    assert signals(node) == [(2.0, "c", 15), (7.0, "c", 9)]
    await node.stop()


async def test_one_second_of_grace_leaves_two(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(on_term=None)]
    made = pod()
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 1))
    await asyncio.sleep(5)
    assert signals(node) == [(2.0, "c", 15), (4.0, "c", 9)]
    await node.stop()


async def test_a_removed_object_leaves_nothing_and_reports_nothing(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(on_term=None)]
    worker = node.run(pod())
    await asyncio.sleep(2)
    reported = len(node.statuses)
    worker.remove()
    await asyncio.sleep(5)
    assert signals(node) == [(2.0, "c", 15), (4.0, "c", 9)]
    assert worker.finished
    assert (len(node.statuses), node.gone_at) == (reported, [])
    assert "Killing" in node.reasons()
    assert node.runtime.infos == {}
    await node.stop()


async def test_image_stop_signal(node: FakeNode) -> None:
    lifecycle = {"stopSignal": "SIGUSR1"}
    made = pod(container("c", lifecycle=lifecycle))
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 5))
    await asyncio.sleep(1)
    assert signals(node) == [(2.0, "c", 10)]
    await node.stop()


async def test_deleted_in_crash_loop(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=0.5, exit_code=1)]
    made = pod()
    worker = node.run(made)
    await asyncio.sleep(5)
    assert node.states("c")[-1] == "waiting CrashLoopBackOff #1"
    worker.update(deleted(made, 5))
    await asyncio.sleep(1)
    assert node.states("c")[-1] == "terminated Error 1 #1"
    assert node.last()["phase"] == "Failed"
    assert condition(node.last(), "Ready") == "False PodFailed"
    assert len(node.gone_at) == 1
    await node.stop()


async def test_deleted_while_initializing(node: FakeNode) -> None:
    node.runtime.scripts["i"] = [Script(on_term=None)]
    made = pod(initContainers=[container("i"), container("j")])
    worker = node.run(made)
    await asyncio.sleep(3)
    worker.update(deleted(made, 4))
    await asyncio.sleep(8)
    last = node.last()
    assert last["phase"] == "Failed"
    assert find_status(last, "i")["state"]["terminated"]["exitCode"] == 137
    assert find_status(last, "j")["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert find_status(last, "c")["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert condition(last, "Initialized").startswith("False ContainersNotInitialized")
    await node.stop()


async def test_deleted_while_the_image_is_pulled(node: FakeNode) -> None:
    node.images.pullable.add("far:1")
    made = pod(container("c", image="far:1"))
    worker = node.run(made)
    await asyncio.sleep(0.1)
    worker.update(deleted(made, 5))
    await asyncio.sleep(1)
    assert worker.finished
    assert node.runtime.configs == {}
    assert find_status(node.last(), "c")["state"]["terminated"]["reason"] == "ContainerStatusUnknown"
    await node.stop()


@pytest.mark.parametrize("after", [0.0, 0.004, 0.011, 0.013, 0.016, 0.018, 0.021, 0.025])
async def test_deleted_at_any_moment_of_its_start_nothing_is_left(node: FakeNode, after: float) -> None:
    made = pod(terminationGracePeriodSeconds=2)
    worker = node.run(made)
    await asyncio.sleep(after)
    worker.update(deleted(made, 2))
    await asyncio.sleep(5)
    assert worker.finished
    assert node.runtime.infos == {}
    assert node.sandboxes.found == {}
    assert node.volumes.made == {}
    assert node.last()["phase"] in ("Failed", "Succeeded")
    assert len(node.gone_at) == 1
    await node.stop()


async def test_sidecars_start_in_order_and_stop_last_in_reverse(node: FakeNode) -> None:
    node.runtime.scripts |= {
        "i1": [Script(seconds=1)],
        "sc1": [Script(on_term=1.0)],
        "sc2": [Script(on_term=1.0)],
        "main": [Script(on_term=2.0)],
    }
    sidecars = [container("i1"), *(container(n, restartPolicy="Always") for n in ("sc1", "sc2"))]
    made = pod(container("main"), initContainers=sidecars)
    worker = node.run(made)
    await asyncio.sleep(3)
    first = node.statuses[0][1]
    assert condition(first, "Initialized") == (
        "False ContainersNotInitialized: containers with incomplete status: [i1 sc1 sc2]"
    )
    assert condition(first, "Ready") == "False ContainersNotReady: containers with unready status: [sc1 sc2 main]"
    assert node.last()["phase"] == "Running"
    assert condition(node.last(), "Initialized") == "True"
    worker.update(deleted(made, 20))
    await asyncio.sleep(10)
    assert signals(node) == [(3.0, "main", 15), (5.0, "sc2", 15), (6.0, "sc1", 15)]
    killing = [(at, text) for at, text in node.events if text.startswith("Killing")]
    assert sorted(text for at, text in killing if at == 3.0) == [
        f"Killing: Stopping container {name}" for name in ("main", "sc1", "sc2")
    ]
    assert node.last()["phase"] == "Succeeded"
    await node.stop()


@pytest.mark.parametrize(("on_term", "ends"), [(0.0, 4.1), (None, 8.1)])
async def test_sidecar_is_stopped_when_the_main_container_is_done(
    node: FakeNode, on_term: float | None, ends: float
) -> None:
    node.runtime.scripts |= {"main": [Script(seconds=4)], "sc": [Script(on_term=on_term, term_code=5)]}
    node.run(
        pod(
            container("main"), restartPolicy="Never", terminationGracePeriodSeconds=4,
            initContainers=[container("sc", restartPolicy="Always")],
        )
    )  # fmt: skip
    await asyncio.sleep(20)
    assert node.phases() == ["Pending", "Running", "Succeeded"]
    at = next(at for at, s in node.statuses if s["phase"] == "Succeeded")
    assert at == pytest.approx(ends, abs=0.1)
    assert find_status(node.last(), "sc")["state"]["terminated"]["exitCode"] == (137 if on_term is None else 5)
    await node.stop()


async def test_crashing_sidecar_makes_the_pod_unready_and_is_restarted(node: FakeNode) -> None:
    node.runtime.scripts["sc"] = [Script(seconds=2, exit_code=6)]
    node.run(pod(restartPolicy="Never", initContainers=[container("sc", restartPolicy="Always")]))
    await asyncio.sleep(30)
    starts = [round(e) for e, text in node.events if text.startswith("Started")]
    assert starts == [0, 0, 2, 14]
    assert node.last()["phase"] == "Running"
    assert "#" in node.states("sc")[-1]
    unready = "False ContainersNotReady: containers with unready status: [sc]"
    assert unready in [condition(s, "Ready") for _, s in node.statuses]
    await node.stop()


async def test_pre_stop_runs_before_the_signal(node: FakeNode) -> None:
    hook = {"preStop": {"exec": {"command": ["sleep", "3"]}}}
    made = pod(container("c", lifecycle=hook))
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 20))
    await asyncio.sleep(5)
    assert signals(node) == [(5.0, "c", 15)]
    assert "FailedPreStopHook" not in node.reasons()
    await node.stop()


async def test_pre_stop_is_cut_at_the_grace_and_two_seconds_are_left(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(on_term=None)]
    made = pod(container("c", lifecycle={"preStop": {"exec": {"command": ["sleep", "60"]}}}))
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 4))
    await asyncio.sleep(10)
    assert signals(node) == [(6.0, "c", 15), (8.0, "c", 9)]
    assert "FailedPreStopHook" in node.reasons()
    await node.stop()


async def test_failed_pre_stop_does_not_hold_up_the_end(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(exec=lambda _c, _s: ExecResult(9, b"oops\n", b""))]
    made = pod(container("c", lifecycle={"preStop": {"exec": {"command": ["bad"]}}}))
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 20))
    await asyncio.sleep(1)
    assert signals(node) == [(2.0, "c", 15)]
    assert "FailedPreStopHook: PreStopHook failed" in [text for _, text in node.events]
    assert worker.finished
    await node.stop()


async def test_finished_pod_that_is_deleted_later(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1)]
    made = pod(restartPolicy="Never")
    worker = node.run(made)
    await asyncio.sleep(3)
    assert not worker.finished
    worker.update(deleted(made, 5))
    await asyncio.sleep(1)
    assert worker.finished
    assert len(node.gone_at) == 1
    assert not node.host.pod_dir("u1").exists()
    await node.stop()
