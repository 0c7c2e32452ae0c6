"""Starting: init containers, hooks, probes; and an agent that starts again beside running containers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fake_node import FakeNode, Script, condition, container, deleted, find_status, pod

from podwright.agent.pods.ports import ExecResult

pytestmark = pytest.mark.looptime


def ok_after(node: FakeNode, seconds: float) -> Script:
    """A container in which every command fails until that time."""

    def run(_command: object, _timeout: float) -> ExecResult:
        return ExecResult(0, b"", b"") if node.elapsed() >= seconds else ExecResult(1, b"not yet", b"")

    return Script(exec=run)


async def test_init_containers_run_in_order(node: FakeNode) -> None:
    node.runtime.scripts |= {"i1": [Script(seconds=2)], "i2": [Script(seconds=2)]}
    node.run(pod(initContainers=[container("i1"), container("i2")]))
    await asyncio.sleep(6)
    starts = [
        (round(at), e["involvedObject"]["fieldPath"])
        for (at, text), e in zip(node.events, node.event_objects, strict=True)
        if text.startswith("Started")
    ]
    assert starts == [(0, "spec.initContainers{i1}"), (2, "spec.initContainers{i2}"), (4, "spec.containers{c}")]
    incomplete = [condition(s, "Initialized") for _, s in node.statuses]
    assert incomplete[0].endswith("[i1 i2]")
    assert any(text.endswith("[i2]") for text in incomplete)
    assert incomplete[-1] == "True"
    assert node.phases() == ["Pending", "Running"]
    assert find_status(node.last(), "i1")["ready"] is True
    await node.stop()


async def test_failed_init_container_fails_a_pod_that_is_never_restarted(node: FakeNode) -> None:
    node.runtime.scripts |= {"i1": [Script(seconds=1)], "i2": [Script(seconds=1, exit_code=4)]}
    node.run(pod(restartPolicy="Never", initContainers=[container(n) for n in ("i1", "i2", "i3")]))
    await asyncio.sleep(5)
    assert node.phases() == ["Pending", "Failed"]
    assert find_status(node.last(), "i3")["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert find_status(node.last(), "c")["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert condition(node.last(), "Ready") == "False PodFailed"
    await node.stop()


async def test_failed_init_container_is_restarted_with_back_off(node: FakeNode) -> None:
    node.runtime.scripts |= {"i1": [Script(seconds=1)], "i2": [Script(seconds=1, exit_code=4)]}
    node.run(pod(initContainers=[container("i1"), container("i2")]))
    await asyncio.sleep(20)
    starts = [round(at) for at, text in node.events if text.startswith("Started")]
    assert starts == [0, 1, 2, 13]
    assert "waiting CrashLoopBackOff #1" in node.states("i2")
    assert find_status(node.last(), "i1")["restartCount"] == 0
    await node.stop()


async def test_post_start_holds_back_the_next_container(node: FakeNode) -> None:
    hook = {"postStart": {"exec": {"command": ["sleep", "3"]}}}
    node.run(pod(container("c", lifecycle=hook), container("other")))
    await asyncio.sleep(2)
    assert node.states("c") == ["waiting ContainerCreating"]
    assert node.states("other") == ["waiting ContainerCreating"]
    await asyncio.sleep(2)
    assert node.states("c")[-1] == "running"
    assert node.states("other")[-1] == "running"
    await node.stop()


async def test_failed_post_start_kills_the_container(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(exec=lambda _c, _s: ExecResult(1, b"oops\n", b""))]
    node.run(pod(container("c", lifecycle={"postStart": {"exec": {"command": ["sh", "-c", "echo oops; exit 1"]}}})))
    await asyncio.sleep(8)
    waiting = [find_status(s, "c")["state"].get("waiting") or {} for _, s in node.statuses]
    failed = next(w for w in waiting if w.get("reason") == "PostStartHookError")
    assert failed["message"] == (
        'Exec lifecycle hook ([sh -c echo oops; exit 1]) for Container "c" in Pod "p_ns(u1)" failed - error: '
        "command 'sh -c echo oops; exit 1' exited with 1: , message: \"oops\\n\""
    )
    texts = [text for _, text in node.events]
    assert "FailedPostStartHook: PostStartHook failed" in texts
    assert "Killing: FailedPostStartHook" in texts
    assert node.states("c") == [
        "waiting ContainerCreating",
        "waiting PostStartHookError",
        "waiting PostStartHookError #1",
        "waiting CrashLoopBackOff #1",
    ]
    await node.stop()


async def test_deleted_during_post_start(node: FakeNode) -> None:
    made = pod(container("c", lifecycle={"postStart": {"exec": {"command": ["sleep", "100"]}}}))
    worker = node.run(made)
    await asyncio.sleep(2)
    worker.update(deleted(made, 3))
    await asyncio.sleep(5)
    assert worker.finished
    assert node.runtime.infos == {}
    await node.stop()


async def test_startup_probe_holds_back_the_others(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [ok_after(node, 6)]
    probe = {"exec": {"command": ["cat", "/tmp/ok"]}}
    c = container(
        "c", startupProbe={**probe, "periodSeconds": 1, "failureThreshold": 30},
        livenessProbe={**probe, "periodSeconds": 1, "failureThreshold": 1},
        readinessProbe={**probe, "periodSeconds": 5},
    )  # fmt: skip
    node.run(pod(c))
    await asyncio.sleep(10)
    begun = [(at, find_status(s, "c")["started"], find_status(s, "c")["ready"]) for at, s in node.statuses]
    assert begun[-1][1:] == (True, True)
    assert begun[-1][0] == pytest.approx(6.0, abs=0.1)
    assert "Killing" not in node.reasons()
    await node.stop()


@pytest.mark.parametrize("policy", ["Always", "Never"])
async def test_failed_startup_probe_kills(node: FakeNode, policy: str) -> None:
    node.runtime.scripts["c"] = [Script(exec=lambda _c, _s: ExecResult(2, b"not yet\n", b""))]
    probe = {"exec": {"command": ["x"]}, "periodSeconds": 2, "failureThreshold": 3}
    node.run(pod(container("c", startupProbe=probe), restartPolicy=policy))
    await asyncio.sleep(9)
    assert "Unhealthy: Startup probe failed: not yet\n" in [text for _, text in node.events]
    killing = next((round(at), text) for at, text in node.events if text.startswith("Killing"))
    if policy == "Always":
        assert killing == (6, "Killing: Container c failed startup probe, will be restarted")
        assert node.states("c")[-1] == "running #1"
    else:
        assert killing == (6, "Killing: Stopping container c")
        assert node.last()["phase"] == "Succeeded"  # it ended with 0
    await node.stop()


async def test_failed_liveness_probe_restarts_at_once_after_a_long_enough_run(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(exec=lambda _c, _s: ExecResult(1, b"", b"dead"))]
    probe = {"exec": {"command": ["x"]}, "periodSeconds": 5, "failureThreshold": 3}
    node.run(pod(container("c", livenessProbe=probe)))
    await asyncio.sleep(40)
    starts = [round(at) for at, text in node.events if text.startswith("Started")]
    assert starts == [0, 15, 30]
    await node.stop()


async def test_probe_grace_wins_over_the_pods(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(on_term=None, exec=lambda _c, _s: ExecResult(1, b"", b""))]
    probe = {"exec": {"command": ["x"]}, "periodSeconds": 3, "failureThreshold": 2, "terminationGracePeriodSeconds": 3}
    node.run(pod(container("c", livenessProbe=probe), terminationGracePeriodSeconds=30))
    await asyncio.sleep(9.5)
    assert find_status(node.last(), "c")["lastState"]["terminated"]["exitCode"] == 137
    await node.stop()


async def test_exec_probe_that_takes_too_long(node: FakeNode) -> None:
    probe = {"exec": {"command": ["sleep", "20"]}, "periodSeconds": 3, "failureThreshold": 2}
    node.run(pod(container("c", livenessProbe=probe)))
    await asyncio.sleep(5)
    assert 'Unhealthy: Liveness probe failed: command timed out: "sleep 20" timed out after 1s' in [
        text for _, text in node.events
    ]
    await node.stop()


async def test_readiness_flips(node: FakeNode) -> None:
    good = {"now": False}
    node.runtime.scripts["c"] = [Script(exec=lambda _c, _s: ExecResult(0 if good["now"] else 1, b"", b""))]
    probe = {"exec": {"command": ["x"]}, "periodSeconds": 2, "failureThreshold": 2, "successThreshold": 2}
    node.run(pod(container("c", readinessProbe=probe)))
    changes: list[tuple[int, str]] = []
    for second in range(40):
        good["now"] = 7 <= second < 15
        await asyncio.sleep(1)
        now = condition(node.last(), "Ready").split()[0]
        if not changes or changes[-1][1] != now:
            changes.append((second, now))
    assert [state for _, state in changes] == ["False", "True", "False"]
    assert 9 <= changes[1][0] <= 11
    assert 17 <= changes[2][0] <= 19
    assert find_status(node.last(), "c")["restartCount"] == 0
    await node.stop()


async def test_sidecar_with_startup_probe_holds_back_the_next(node: FakeNode) -> None:
    node.runtime.scripts["sc"] = [ok_after(node, 4)]
    probe = {"exec": {"command": ["cat"]}, "periodSeconds": 1, "failureThreshold": 30}
    node.run(pod(initContainers=[container("sc", restartPolicy="Always", startupProbe=probe)]))
    await asyncio.sleep(3)
    assert node.states("c") == ["waiting PodInitializing"]
    await asyncio.sleep(3)
    assert node.states("c")[-1] == "running"
    await node.stop()


async def test_failed_sidecar_startup_is_told_as_an_init_container(node: FakeNode) -> None:
    node.runtime.scripts["sc"] = [Script(exec=lambda _c, _s: ExecResult(1, b"", b""))]
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 2, "failureThreshold": 2}
    node.run(pod(initContainers=[container("sc", restartPolicy="Always", startupProbe=probe)]))
    await asyncio.sleep(5)
    assert "Killing: Init container sc failed startup probe" in [text for _, text in node.events]
    assert node.last()["phase"] == "Pending"
    await node.stop()


async def test_running_containers_are_adopted(node: FakeNode) -> None:
    made = pod()
    node.run(made)
    await asyncio.sleep(2)
    recorded = node.last()
    await node.stop()

    reported = len(node.statuses)
    adopted = node.run({**made, "status": recorded})
    await asyncio.sleep(2)
    assert list(node.runtime.infos) == ["u1_c_0"]
    assert [s for _, s in node.statuses[reported:]] == []
    assert node.reasons().count("Started") == 1
    adopted.update(deleted(made, 5))
    await asyncio.sleep(1)
    assert node.runtime.infos == {}
    assert adopted.finished
    await node.stop()


async def test_restart_count_survives_the_agent(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=1)] * 2 + [Script()]
    made = pod()
    node.run(made)
    await asyncio.sleep(14)
    assert node.states("c")[-1] == "running #2"
    await node.stop()
    node.run({**made, "status": node.last()})
    node.runtime.exit("u1_c_2", 1)
    await asyncio.sleep(1)
    found = find_status(node.last(), "c")
    assert found["restartCount"] == 2
    assert found["state"]["terminated"]["exitCode"] == 1
    await asyncio.sleep(30)
    assert node.states("c")[-1] == "running #3"
    await node.stop()


async def test_container_that_vanished_counts_as_ended(node: FakeNode) -> None:
    made = pod(restartPolicy="Never")
    node.run(made)
    await asyncio.sleep(2)
    await node.stop()
    node.runtime.infos.clear()
    node.run({**made, "status": node.last()})
    await asyncio.sleep(2)
    assert find_status(node.last(), "c")["state"]["terminated"]["reason"] == "ContainerStatusUnknown"
    assert node.last()["phase"] == "Failed"
    assert node.reasons().count("Started") == 1
    await node.stop()


@pytest.mark.parametrize("lost", [False, True])
async def test_an_end_while_no_agent_looked(node: FakeNode, lost: bool) -> None:
    node.runtime.scripts["c"] = [Script(says="last words"), Script()]
    made = pod()
    node.run(made)
    await asyncio.sleep(2)
    await node.stop()
    if lost:
        node.runtime.lose("u1_c_0")
    else:
        node.runtime.exit("u1_c_0", 3)
    node.run({**made, "status": node.last()})
    await asyncio.sleep(2)
    found = find_status(node.last(), "c")
    last = found["lastState"]["terminated"]
    assert found["restartCount"] == 1
    assert "running" in found["state"]
    if lost:
        assert node.runtime.removed[0] == "u1_c_0", "its process must not go on beside the new one"
        assert (last["exitCode"], last["reason"]) == (137, "ContainerStatusUnknown")
    else:
        assert (last["exitCode"], last["message"]) == (3, "last words")
    await node.stop()


async def test_dead_monitor_heals(node: FakeNode) -> None:
    node.run(pod())
    await asyncio.sleep(2)
    node.runtime.lose("u1_c_0")
    await asyncio.sleep(2)
    assert node.runtime.removed[0] == "u1_c_0"
    found = find_status(node.last(), "c")
    assert found["restartCount"] == 1
    assert found["lastState"]["terminated"]["exitCode"] == 137
    assert "running" in found["state"]
    await node.stop()


async def test_pod_that_ended_before_the_crash_stays_ended(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1)]
    made = pod(restartPolicy="Never")
    node.run(made)
    await asyncio.sleep(3)
    settled = node.last()
    await node.stop()
    worker = node.run({**made, "status": {**settled, "phase": "Running"}}, settled=settled)
    await asyncio.sleep(2)
    assert node.last() == settled
    assert node.reasons().count("Started") == 1
    assert not worker.finished
    await node.stop()


async def test_only_two_attempts_are_kept_on_the_host(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=1)]
    node.run(pod())
    await asyncio.sleep(100)
    assert len(node.runtime.infos) <= 2
    await node.stop()


async def test_an_exit_while_starting_is_not_missed(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=0.0, exit_code=7)]
    real = node.runtime.inspect

    async def slow(container_id: str) -> object:
        info = await real(container_id)
        await asyncio.sleep(0.01)  # it ends meanwhile, and the callback comes first
        return replace(info) if info else None

    node.runtime.inspect = slow  # type: ignore[method-assign,assignment]
    node.run(pod(restartPolicy="Never"))
    await asyncio.sleep(2)
    assert node.last()["phase"] == "Failed"
    assert find_status(node.last(), "c")["state"]["terminated"]["exitCode"] == 7
    await node.stop()


async def test_ephemeral_container_runs_once(node: FakeNode) -> None:
    node.runtime.scripts["debug"] = [Script(seconds=1, exit_code=1)]
    made = pod()
    worker = node.run(made)
    await asyncio.sleep(1)
    worker.update({**made, "spec": {**made["spec"], "ephemeralContainers": [container("debug")]}})
    await asyncio.sleep(5)
    status = find_status(node.last(), "debug")
    assert status["state"]["terminated"]["exitCode"] == 1
    assert node.last()["phase"] == "Running"
    assert condition(node.last(), "Ready") == "True"
    await node.stop()
