"""A pod's life from start to end, told by the statuses and events it reports."""

from __future__ import annotations

import asyncio

import pytest
from fake_node import EPOCH, FakeNode, Script, condition, container, deleted, find_status, pod

pytestmark = pytest.mark.looptime

BACK_OFF = "Back-off restarting failed container c in pod p_ns(u1)"


async def test_simple_run_and_deletion(node: FakeNode) -> None:
    made = pod(terminationGracePeriodSeconds=5)
    worker = node.run(made)
    await asyncio.sleep(3)
    assert node.phases() == ["Pending", "Running"]
    assert node.states("c") == ["waiting ContainerCreating", "running"]
    running = node.last()
    assert running["podIP"] == "10.1.0.2"
    assert running["hostIP"] == "192.0.2.2"
    assert condition(running, "Ready") == "True"
    assert condition(node.statuses[0][1], "Ready") == "False ContainersNotReady: containers with unready status: [c]"
    assert condition(node.statuses[0][1], "PodReadyToStartContainers") == "False"
    c = find_status(running, "c")
    assert c["containerID"] == "podwright://u1_c_0"
    assert (c["started"], c["ready"], c["restartCount"]) == (True, True, 0)

    worker.update(deleted(made, 5))
    await asyncio.sleep(1)
    last = node.last()
    assert last["phase"] == "Succeeded"
    assert last["observedGeneration"] == 2
    assert condition(last, "Ready") == "False PodCompleted"
    assert condition(last, "Initialized") == "True PodCompleted"
    assert condition(last, "PodReadyToStartContainers") == "False"
    assert len(node.gone_at) == 1
    assert worker.finished
    assert node.reasons() == ["Pulled", "Created", "Started", "Killing"]
    assert node.runtime.infos == {}
    assert node.sandboxes.found == {}
    await node.stop()


async def test_transition_times_stay_while_a_condition_does(node: FakeNode) -> None:
    made = pod()
    node.run(made)
    await asyncio.sleep(2)
    first = {c["type"]: c["lastTransitionTime"] for c in node.last()["conditions"]}
    node.runtime.exit("u1_c_0", 1)
    await asyncio.sleep(2)
    last = {c["type"]: c["lastTransitionTime"] for c in node.last()["conditions"]}
    assert last["Initialized"] == first["Initialized"]
    assert last["Ready"] > first["Ready"]
    await node.stop()


@pytest.mark.parametrize(
    ("policy", "code", "phase"), [("Never", 3, "Failed"), ("Never", 0, "Succeeded"), ("OnFailure", 0, "Succeeded")]
)
async def test_completed_pods_end_in_two_steps(node: FakeNode, policy: str, code: int, phase: str) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=code)]
    worker = node.run(pod(restartPolicy=policy))
    await asyncio.sleep(5)
    assert node.phases() == ["Pending", "Running", phase]
    ended = next(s for _, s in node.statuses if "terminated" in find_status(s, "c")["state"])
    reason = "PodCompleted" if phase == "Succeeded" else "PodFailed"
    assert ended["phase"] == "Running"
    assert condition(ended, "Ready") == f"False {reason}"
    assert condition(ended, "PodReadyToStartContainers") == "True"
    assert condition(node.last(), "PodReadyToStartContainers") == "False"
    assert node.last()["podIP"] == "10.1.0.2"
    assert not worker.finished
    assert node.gone_at == []
    await node.stop()


@pytest.mark.parametrize("code", [0, 3])
async def test_crash_loop_backs_off(node: FakeNode, code: int) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=code)]
    node.run(pod())
    await asyncio.sleep(100)
    starts = [round(at) for at, text in node.events if text.startswith("Started")]
    assert starts == [0, 1, 12, 33, 74]  # at once, then 10, 20, 40 s after each exit
    word = "Completed 0" if code == 0 else "Error 3"
    assert node.states("c")[:7] == [
        "waiting ContainerCreating", "running", f"terminated {word}", "running #1", f"terminated {word} #1",
        "waiting CrashLoopBackOff #1", "running #2",
    ]  # fmt: skip
    waiting = next(
        s for _, s in node.statuses if "waiting" in find_status(s, "c")["state"] and find_status(s, "c")["restartCount"]
    )
    assert find_status(waiting, "c")["state"]["waiting"]["message"] == (
        "back-off 10s restarting failed container=c pod=p_ns(u1)"
    )
    assert find_status(waiting, "c")["lastState"]["terminated"]["exitCode"] == code
    assert next(text for _, text in node.events if text.startswith("BackOff")) == f"BackOff: {BACK_OFF}"
    assert node.event_objects[-1]["count"] >= 1
    assert node.phases() == ["Pending", "Running"]
    await node.stop()


async def test_back_off_is_forgotten_after_a_long_run(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=1)] * 4 + [Script(seconds=700, exit_code=1)]
    node.run(pod())
    await asyncio.sleep(2000)
    starts = [round(at) for at, text in node.events if text.startswith("Started")]
    assert starts == [0, 1, 12, 33, 74, 774, 1474]
    await node.stop()


async def test_command_that_cannot_be_executed(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(start_error="exec: no such file")]
    node.run(pod())
    await asyncio.sleep(8)
    assert node.states("c")[:3] == [
        "waiting ContainerCreating", "waiting RunContainerError", "waiting RunContainerError #1",
    ]  # fmt: skip
    last = find_status(node.last(), "c")["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"], last["startedAt"]) == (128, "StartError", "1970-01-01T00:00:00Z")
    assert node.last()["phase"] == "Running"
    assert "Failed: Error: exec: no such file" in [text for _, text in node.events]
    await node.stop()


async def test_command_that_cannot_be_executed_never_restarted(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(start_error="exec: no such file")]
    node.run(pod(restartPolicy="Never"))
    await asyncio.sleep(3)
    assert node.states("c") == ["waiting ContainerCreating", "terminated StartError 128"]
    assert node.phases() == ["Pending", "Failed"]
    await node.stop()


async def test_out_of_memory(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=137, oom=True), Script()]
    node.run(pod())
    await asyncio.sleep(4)
    last = find_status(node.last(), "c")
    assert last["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert last["lastState"]["terminated"]["exitCode"] == 137
    assert last["restartCount"] == 1
    assert condition(node.last(), "Ready") == "True"
    await node.stop()


async def test_termination_message(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=1, says="x" * 9000)]
    node.run(pod(restartPolicy="Never"))
    await asyncio.sleep(4)
    assert find_status(node.last(), "c")["state"]["terminated"]["message"] == "x" * 4096
    await node.stop()


async def test_image_that_is_never_pulled(node: FakeNode) -> None:
    made = pod(container("c", image="nope:1", imagePullPolicy="Never"))
    worker = node.run(made)
    await asyncio.sleep(12)
    assert node.states("c") == ["waiting ContainerCreating", "waiting ErrImageNeverPull"]
    text = 'Container image "nope:1" is not present with pull policy of Never'
    assert find_status(node.last(), "c")["state"]["waiting"]["message"] == text
    assert node.reasons()[:2] == ["ErrImageNeverPull", "Failed"]
    worker.update(deleted(made, 5))
    await asyncio.sleep(1)
    lost = find_status(node.last(), "c")["state"]["terminated"]
    assert (lost["exitCode"], lost["reason"]) == (137, "ContainerStatusUnknown")
    assert node.last()["phase"] == "Failed"
    assert condition(node.last(), "Ready").startswith("False ContainersNotReady")
    assert len(node.gone_at) == 1
    await node.stop()


async def test_invalid_image_does_not_hold_up_its_neighbour(node: FakeNode) -> None:
    node.run(pod(container("bad", image="Bad//x"), container("ok")))
    await asyncio.sleep(3)
    assert node.states("bad")[-1] == "waiting InvalidImageName"
    assert node.states("ok")[-1] == "running"
    assert node.last()["phase"] == "Pending"
    assert condition(node.last(), "Ready") == "False ContainersNotReady: containers with unready status: [bad]"
    await node.stop()


async def test_pull_back_off(node: FakeNode) -> None:
    node.run(pod(container("c", image="far:1")))
    await asyncio.sleep(60)
    assert node.states("c")[:4] == [
        "waiting ContainerCreating", "waiting ErrImagePull", "waiting ImagePullBackOff", "waiting ErrImagePull",
    ]  # fmt: skip
    assert len(node.images.pulls) == 3
    assert node.reasons()[:5] == ["Pulling", "Failed", "Failed", "BackOff", "Failed"]
    node.images.pullable.add("far:1")
    await asyncio.sleep(60)
    assert node.states("c")[-1] == "running"
    await node.stop()


async def test_missing_config_map_is_awaited(node: FakeNode) -> None:
    env = [{"name": "K", "valueFrom": {"configMapKeyRef": {"name": "late", "key": "k"}}}]
    worker = node.run(pod(container("c", env=env), container("ok")))
    await asyncio.sleep(5)
    assert find_status(node.last(), "c")["state"]["waiting"] == {
        "reason": "CreateContainerConfigError", "message": 'configmap "late" not found',
    }  # fmt: skip
    assert node.states("ok")[-1] == "running"
    node.objects.put("ConfigMap", "late", data={"k": "v"})
    before = node.elapsed()
    worker.refresh()
    await asyncio.sleep(0.5)
    assert node.states("c")[-1] == "running"
    assert [at for at, text in node.events if text.startswith("Started")][-1] - before < 0.2
    assert "K=v" in node.runtime.configs["u1_c_0"].env
    await node.stop()


async def test_missing_volume_is_awaited(node: FakeNode) -> None:
    worker = node.run(pod(volumes=[{"name": "v", "configMap": {"name": "late"}}]))
    await asyncio.sleep(10)
    tries = [round(at, 1) for at, text in node.events if text.startswith("FailedMount")]
    assert tries[:4] == [0.0, 0.5, 1.5, 3.5]
    assert condition(node.last(), "PodReadyToStartContainers") == "False"
    assert "podIP" not in node.last()
    node.objects.put("ConfigMap", "late", data={})
    worker.refresh()
    await asyncio.sleep(0.5)
    assert node.states("c")[-1] == "running"
    await node.stop()


async def test_deadline(node: FakeNode) -> None:
    node.run(pod(activeDeadlineSeconds=25, terminationGracePeriodSeconds=5))
    await asyncio.sleep(30)
    last = node.last()
    assert (last["phase"], last["reason"]) == ("Failed", "DeadlineExceeded")
    assert condition(last, "Ready") == "False PodFailed"
    assert "DeadlineExceeded" in node.reasons()
    assert [round(at - EPOCH) for at, _, _ in node.runtime.signals] == [25]
    assert node.gone_at == []
    await node.stop()


async def test_changed_image_replaces_the_container(node: FakeNode) -> None:
    made = pod(container("c"), container("two"))
    node.images.present["bb:2"] = node.images.present["bb:1"]
    worker = node.run(made)
    await asyncio.sleep(2)
    changed = {**made, "spec": {**made["spec"], "containers": [container("c", image="bb:2"), container("two")]}}
    worker.update(changed)
    await asyncio.sleep(2)
    assert "Killing: Container c definition changed, will be restarted" in [text for _, text in node.events]
    assert node.states("c")[-1] == "running #1"
    assert find_status(node.last(), "c")["image"] == "bb:2"
    assert node.states("two")[-1] == "running"
    await node.stop()


async def test_readiness_gate(node: FakeNode) -> None:
    made = pod(readinessGates=[{"conditionType": "example.com/gate"}])
    worker = node.run(made)
    await asyncio.sleep(1)
    assert condition(node.last(), "Ready") == (
        'False ReadinessGatesNotReady: corresponding condition of pod readiness gate "example.com/gate" does not exist.'
    )
    assert condition(node.last(), "ContainersReady") == "True"
    worker.update(
        {**made, "status": {**made["status"], "conditions": [{"type": "example.com/gate", "status": "True"}]}}
    )
    await asyncio.sleep(0.1)
    assert condition(node.last(), "Ready") == "True"
    await node.stop()


async def test_defect_in_one_step_does_not_spin(node: FakeNode, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[float] = []

    async def broken(*_args: object, **_kwargs: object) -> None:
        calls.append(round(node.elapsed()))
        raise RuntimeError("boom")

    node.sandboxes.ensure = broken  # type: ignore[method-assign]
    node.run(pod())
    await asyncio.sleep(8)
    assert calls == [0, 1, 3, 7]
    assert "Cannot finish 'prepare'" in caplog.text
    await node.stop()
