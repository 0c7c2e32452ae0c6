"""Resizing a running pod in place: what is granted, what is given, what people see."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_node import FakeNode, condition, container, find_status, pod

from podwright.agent.pods.admission import NodeFacts, check_resize
from podwright.agent.pods.ports import HostError, Limits
from podwright.agent.pods.resizing import Pending, widest

pytestmark = pytest.mark.looptime
JSON = dict[str, Any]


def sized(cpu: str, memory: str = "64Mi", generation: int = 1, **fields: Any) -> JSON:
    amounts = {"cpu": cpu, "memory": memory}
    made = pod(container("c", resources={"limits": amounts, "requests": amounts}, **fields), container("d"))
    made["metadata"]["generation"] = generation
    return made


def seen(node: FakeNode) -> list[tuple[str, str, bool]]:
    """What was granted, what was given, whether a resize went on: each status that differs from the one before."""
    found: list[tuple[str, str, bool]] = []
    for _, status in node.statuses:
        own = find_status(status, "c")
        if "resources" not in own:
            continue
        going_on = any(c["type"] == "PodResizeInProgress" for c in status["conditions"])
        now = (own["allocatedResources"]["cpu"], own["resources"]["limits"]["cpu"], going_on)
        if not found or found[-1] != now:
            found.append(now)
    return found


async def test_a_resize_shows_as_granted_and_then_as_given(node: FakeNode) -> None:
    worker = node.run(sized("100m"))
    await asyncio.sleep(2)
    worker.update(sized("200m", generation=2))
    await asyncio.sleep(2)
    assert seen(node) == [("100m", "100m", False), ("200m", "100m", True), ("200m", "200m", False)]
    assert node.runtime.limits["u1_c_0"] == Limits(204, 20_000, 100_000, 64 << 20)
    assert "u1_d_0" not in node.runtime.limits
    texts = [text for _, text in node.events if "Resize" in text]
    amounts = '{"cpu":"200m","memory":"64Mi"}'
    told = (
        f'{{"containers":[{{"name":"c","resources":{{"limits":{amounts},"requests":{amounts}}}}},'
        '{"name":"d","resources":{}}],"generation":2}'
    )
    assert texts == [f"ResizeStarted: Pod resize started: {told}", f"ResizeCompleted: Pod resize completed: {told}"]
    assert find_status(node.last(), "c")["restartCount"] == 0
    await node.stop()


async def test_a_container_that_wants_to_is_started_anew(node: FakeNode) -> None:
    policy = [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]
    worker = node.run(sized("100m", resizePolicy=policy))
    await asyncio.sleep(2)
    worker.update(sized("200m", generation=2, resizePolicy=policy))
    await asyncio.sleep(2)
    assert find_status(node.last(), "c")["restartCount"] == 0
    worker.update(sized("200m", "128Mi", generation=3, resizePolicy=policy))
    await asyncio.sleep(4)
    own = find_status(node.last(), "c")
    assert (own["restartCount"], own["resources"]["limits"]["memory"]) == (1, "128Mi")
    assert node.runtime.configs["u1_c_1"].limits.memory_bytes == 128 << 20
    assert "Killing: Container c resize requires restart" in [text for _, text in node.events]
    assert [text.partition(":")[0] for _, text in node.events if "Resize" in text] == [
        "ResizeStarted", "ResizeCompleted", "ResizeStarted", "ResizeCompleted",
    ]  # fmt: skip
    await node.stop()


async def test_what_the_node_has_no_room_for_waits(node: FakeNode) -> None:
    refusals: list[Pending | None] = [Pending("Deferred", "no room")]
    node.host.resize_refusal = lambda _: refusals[0]
    worker = node.run(sized("100m"))
    await asyncio.sleep(2)
    worker.update(sized("900m", generation=2))
    await asyncio.sleep(12)
    assert condition(node.last(), "PodResizePending") == "True Deferred: no room"
    assert seen(node) == [("100m", "100m", False)]
    assert len([text for _, text in node.events if text.startswith("ResizeDeferred")]) == 1
    refusals[0] = None
    await asyncio.sleep(8)
    assert condition(node.last(), "PodResizePending") == "absent"
    assert seen(node)[-1] == ("900m", "900m", False)
    await node.stop()


async def test_memory_that_cannot_be_taken_now_is_taken_later(node: FakeNode) -> None:
    worker = node.run(sized("100m"))
    await asyncio.sleep(2)
    node.runtime.limits_error = HostError("FailedResize", "busy")
    worker.update(sized("100m", "32Mi", generation=2))
    await asyncio.sleep(3)
    assert condition(node.last(), "PodResizeInProgress") == "True Error: busy"
    assert find_status(node.last(), "c")["resources"]["limits"]["memory"] == "64Mi"
    node.runtime.limits_error = None
    await asyncio.sleep(8)
    assert find_status(node.last(), "c")["resources"]["limits"]["memory"] == "32Mi"
    assert condition(node.last(), "PodResizeInProgress") == "absent"
    await node.stop()


async def test_a_new_agent_goes_on_with_a_resize(node: FakeNode) -> None:
    node.run(sized("100m"))
    await asyncio.sleep(2)
    status = node.last()
    await node.stop()
    again = sized("200m", generation=2)
    again["status"] = status
    node.run(again)
    await asyncio.sleep(3)
    assert node.runtime.limits["u1_c_0"].cpu_quota_us == 20_000
    assert find_status(node.last(), "c")["restartCount"] == 0
    await node.stop()


FACTS = NodeFacts("n", {"cpu": "2", "memory": "1Gi"})


@pytest.mark.parametrize(
    ("cpu", "others", "expected"),
    [
        ("2", 0, None),
        (
            "2",
            1,
            Pending("Deferred", "Node didn't have enough resource: cpu, requested: 2000, used: 500, capacity: 2000"),
        ),
        ("3", 0, Pending("Infeasible", "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000")),
    ],
    ids=["fits", "not-beside-others", "never"],
)
def test_the_node_s_answer(cpu: str, others: int, expected: Pending | None) -> None:
    assert check_resize(sized(cpu), [sized("500m")] * others, FACTS) == expected


def test_the_pod_is_wide_enough_for_both() -> None:
    small, large = Limits(2, 10_000, 100_000, 10), Limits(5, 20_000, 100_000, None)
    assert widest(small, large) == widest(large, small) == Limits(5, 20_000, 100_000, None)
    assert widest(Limits(2, -1), Limits(2, 9)).cpu_quota_us == -1
