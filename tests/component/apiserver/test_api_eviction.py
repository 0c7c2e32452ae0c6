"""Evictions through a whole server: what disruption budgets refuse, and what they cannot be made to grant."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from api_client import PODS, Api, pod

JSON = dict[str, Any]
BUDGETS = "/apis/policy/v1/namespaces/ns/poddisruptionbudgets"
LABELS = {"app": "x"}


def eviction(name: str, **options: Any) -> JSON:
    body: JSON = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "ns"}}
    return body | ({"deleteOptions": options} if options else {})


async def evict(api: Api, name: str, body: JSON | None = None, **query: Any) -> Any:
    return await api.post(f"{PODS}/{name}/eviction", body or eviction(name), **query)


async def running(api: Api, name: str, *, ready: bool = True, phase: str = "Running") -> None:
    made = pod(name)
    made["metadata"]["labels"] = LABELS
    await api.create(PODS, made)
    await api.post(f"{PODS}/{name}/binding", {"metadata": {"name": name}, "target": {"kind": "Node", "name": "n"}})
    status = {"phase": phase, "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]}
    answer = await api.patch(f"{PODS}/{name}/status", {"status": status})
    assert answer.status == 200, answer


async def budget(api: Api, name: str = "b", allowed: int = 1, **spec: Any) -> None:
    """A budget as its controller leaves it."""
    body = {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": LABELS}, "minAvailable": 1, **spec}}
    made = await api.create(BUDGETS, body)
    made["status"] |= {
        "observedGeneration": 1, "disruptionsAllowed": allowed, "desiredHealthy": 1, "currentHealthy": allowed + 1,
        "conditions": [
            {
                "type": "DisruptionAllowed", "status": "True" if allowed else "False", "reason": "Because",
                "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
            }
        ],
    }  # fmt: skip
    answer = await api.put(f"{BUDGETS}/{name}/status", made)
    assert answer.status == 200, answer


async def status(api: Api, name: str = "b") -> JSON:
    return (await api.get(f"{BUDGETS}/{name}")).body["status"]


async def test_an_eviction_takes_a_disruption_and_says_why_the_pod_ends(api: Api) -> None:
    await running(api, "p")
    await budget(api)
    assert (await evict(api, "p")).status == 201
    body = (await api.get(f"{PODS}/p")).body
    assert body["metadata"]["deletionTimestamp"]
    target = next(c for c in body["status"]["conditions"] if c["type"] == "DisruptionTarget")
    assert (target["status"], target["reason"]) == ("True", "EvictionByEvictionAPI")
    left = await status(api)
    assert (left["disruptionsAllowed"], list(left["disruptedPods"])) == (0, ["p"])
    assert (left["conditions"][0]["status"], left["conditions"][0]["reason"]) == ("False", "InsufficientPods")


async def test_a_spent_budget_refuses(api: Api) -> None:
    await running(api, "p")
    await budget(api, allowed=0)
    answer = await evict(api, "p")
    assert (answer.status, answer.body["reason"]) == (429, "TooManyRequests")
    assert answer.body["details"] == {
        "causes": [
            {
                "reason": "DisruptionBudget",
                "message": "The disruption budget b needs 1 healthy pods and has 1 currently",
            }
        ]
    }
    assert "deletionTimestamp" not in (await api.get(f"{PODS}/p")).body["metadata"]


async def test_a_budget_that_nobody_looked_at_yet_asks_for_patience(api: Api) -> None:
    await running(api, "p")
    await budget(api)
    await api.patch(f"{BUDGETS}/b", {"spec": {"minAvailable": 0}})
    answer = await evict(api, "p")
    assert (answer.status, answer.headers["retry-after"]) == (429, "10")
    assert answer.body["details"]["retryAfterSeconds"] == 10


async def test_two_evictions_at_once_never_take_the_same_disruption(api: Api) -> None:
    names = [f"p{number}" for number in range(12)]
    for name in names:
        await running(api, name)
    await budget(api, allowed=3)
    answers = await asyncio.gather(*(evict(api, name) for name in names))
    assert sorted(answer.status for answer in answers) == [201] * 3 + [429] * 9
    left = await status(api)
    assert (left["disruptionsAllowed"], len(left["disruptedPods"])) == (0, 3)
    ending = [p for p in (await api.get(PODS)).body["items"] if "deletionTimestamp" in p["metadata"]]
    assert {p["metadata"]["name"] for p in ending} == set(left["disruptedPods"])


@pytest.mark.parametrize("phase", ["Pending", "Succeeded", "Failed"])
async def test_a_pod_that_does_not_run_may_always_go(api: Api, phase: str) -> None:
    await running(api, "p", phase=phase)
    await budget(api, allowed=0)
    uid = (await api.get(f"{PODS}/p")).body["metadata"]["uid"]
    assert (await evict(api, "p", eviction("p", preconditions={"uid": uid}, gracePeriodSeconds=0))).status == 201
    assert (await api.get(f"{PODS}/p")).status == 404
    assert "disruptedPods" not in await status(api)


@pytest.mark.parametrize(
    ("spec", "current", "code"),
    [
        pytest.param({"unhealthyPodEvictionPolicy": "AlwaysAllow"}, 0, 201, id="always"),
        pytest.param({"unhealthyPodEvictionPolicy": "IfHealthyBudget"}, 0, 429, id="too-few-others"),
        pytest.param({}, 0, 429, id="by-default-too-few-others"),
        pytest.param({}, 1, 201, id="by-default-enough-others"),
    ],
)
async def test_an_unhealthy_pod_goes_by_policy(api: Api, spec: JSON, current: int, code: int) -> None:
    await running(api, "p", ready=False)
    await budget(api, allowed=0, **spec)
    await api.patch(f"{BUDGETS}/b/status", {"status": {"currentHealthy": current}})
    assert (await evict(api, "p")).status == code
    assert "disruptedPods" not in await status(api)


async def test_a_rehearsal_and_a_failed_precondition_take_nothing(api: Api) -> None:
    await running(api, "p")
    await budget(api)
    before = await status(api)
    assert (await evict(api, "p", dryRun="All")).status == 201
    assert (await evict(api, "p", eviction("p", dryRun=["All"]))).status == 201
    other = await evict(api, "p", eviction("p", preconditions={"uid": "other"}))
    assert (other.status, other.body["reason"]) == (409, "Conflict")
    assert await status(api) == before
    assert "deletionTimestamp" not in (await api.get(f"{PODS}/p")).body["metadata"]


async def test_two_budgets_over_one_pod_are_an_error(api: Api) -> None:
    await running(api, "p")
    await budget(api, "a")
    await budget(api, "b")
    answer = await evict(api, "p")
    assert (answer.status, "more than one PodDisruptionBudget" in answer.message) == (500, True)


async def test_only_an_eviction_of_this_pod_is_taken(api: Api) -> None:
    await running(api, "p")
    assert (await evict(api, "p", eviction("q"))).status == 400
    assert (await evict(api, "p", eviction("p") | {"apiVersion": "policy/v1beta1"})).status == 201
    assert (await api.get(f"{PODS}/p/eviction")).status == 405
