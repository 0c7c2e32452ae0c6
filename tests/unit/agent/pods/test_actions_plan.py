"""The plan of one pod: tables of what is there and what to do, and properties that hold for any pod."""

from __future__ import annotations

from typing import Any

import pytest
from fake_node import container, pod
from hypothesis import given
from hypothesis import strategies as st

from podwright.agent.pods.actions import Actions, Ending, EndingKind, Kill, View, finished, plan
from podwright.agent.pods.attempts import Attempt, AttemptState
from podwright.agent.pods.backoff import Backoff

NOW = 1000.0
SIDECAR = {"restartPolicy": "Always"}


def running(name: str, number: int = 0) -> Attempt:
    return Attempt(name, number, f"u1_{name}_{number}", AttemptState.RUNNING, started_at=NOW - 50)


def exited(name: str, code: int = 0, number: int = 0, at: float = NOW) -> Attempt:
    return Attempt(name, number, f"u1_{name}_{number}", AttemptState.EXITED, finished_at=at, exit_code=code)


def view(made: dict[str, Any], *attempts: Attempt, **fields: Any) -> View:
    started = frozenset(a.container for a in attempts if a.running)
    return View(made, NOW, {a.container: a for a in attempts}, **{"prepared": True, "started": started, **fields})


def told(actions: Actions) -> str:
    """What a plan says, in one line."""
    words = ["prepare"] if actions.prepare else []
    words += [f"stop {s.container.name}" + (f" after {','.join(s.after)}" if s.after else "") for s in actions.stop]
    words += [f"start {s.container.name}#{s.number}" for s in actions.start]
    words += [f"block {name}" for name in actions.blocked]
    words += [actions.outcome] if actions.outcome else []
    words += ["teardown"] if actions.teardown else []
    return " ".join(words)


def two_inits(**spec: Any) -> dict[str, Any]:
    return pod(initContainers=[container("i1"), container("i2")], **spec)


def sidecars(**spec: Any) -> dict[str, Any]:
    return pod(initContainers=[container("a", **SIDECAR), container("b", **SIDECAR)], **spec)


DELETED = Ending(EndingKind.DELETED, 30.0)
TABLE: list[tuple[str, View, str]] = [
    ("nothing is there", view(pod(), prepared=False), "prepare"),
    ("first start", view(pod(container("c"), container("d"))), "start c#0 start d#0"),
    ("all run", view(pod(), running("c")), ""),
    ("restart at once", view(pod(), exited("c", 1)), "start c#1"),
    ("never again", view(pod(restartPolicy="Never"), exited("c", 1)), "Failed teardown"),
    ("done", view(pod(restartPolicy="OnFailure"), exited("c")), "Succeeded teardown"),
    ("one of two is done", view(pod(container("c"), container("d"), restartPolicy="Never"), exited("c"), running("d")),
     ""),
    ("first init", view(two_inits()), "start i1#0"),
    ("second init", view(two_inits(), exited("i1")), "start i2#0"),
    ("init runs", view(two_inits(), running("i1")), ""),
    ("init failed", view(two_inits(), exited("i1", 1)), "start i1#1"),
    ("init failed for good", view(two_inits(restartPolicy="Never"), exited("i1", 1)), "Failed teardown"),
    ("initialized", view(two_inits(), exited("i1"), exited("i2")), "start c#0"),
    ("init not again", view(two_inits(), running("c")), ""),
    ("first sidecar", view(sidecars()), "start a#0"),
    ("second sidecar", view(sidecars(), running("a")), "start b#0"),
    ("sidecar not started", view(sidecars(), running("a"), started=frozenset()), ""),
    ("sidecar again", view(sidecars(), exited("a", 5), running("b"), running("c")), "start a#1"),
    ("sidecars outlive", view(sidecars(restartPolicy="Never"), running("a"), running("b"), exited("c")),
     "stop a after b stop b Succeeded"),
    ("deleted", view(sidecars(), running("a"), running("b"), running("c"), ending=DELETED),
     "stop a after b,c stop b after c stop c"),
    ("deleted, gone", view(pod(), exited("c"), ending=DELETED), "teardown"),
    ("deleted, still starting", view(pod(), busy=frozenset({"c"}), ending=DELETED), ""),
    ("busy", view(pod(container("c"), container("d")), busy=frozenset({"c"})), "start d#0"),
    ("start failed", view(pod(), delayed={"c": NOW + 5}), ""),
    ("start failed a while ago", view(pod(), delayed={"c": NOW - 5}), "start c#0"),
    ("killed", view(pod(), running("c"), kills={"c": Kill(0, "x")}), "stop c"),
    ("killed an earlier one", view(pod(), running("c", 1), kills={"c": Kill(0, "x")}), ""),
    ("debugging", view(pod(ephemeralContainers=[container("e")]), running("c")), "start e#0"),
    ("debugged", view(pod(ephemeralContainers=[container("e")]), running("c"), exited("e", 1)), ""),
    ("rule says again", view(pod(container("c", restartPolicy="Never", restartPolicyRules=[
        {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]), restartPolicy="Never"),
        exited("c", 42)), "start c#1"),
    ("rule does not match", view(pod(container("c", restartPolicy="Never", restartPolicyRules=[
        {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]), restartPolicy="Never"),
        exited("c", 1)), "Failed teardown"),
]  # fmt: skip


@pytest.mark.parametrize(("given_view", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_plan(given_view: View, expected: str) -> None:
    assert told(plan(given_view)) == expected


def test_back_off_blocks_and_says_until_when() -> None:
    backoff = Backoff()
    backoff.step("c", NOW - 1)
    actions = plan(view(pod(), exited("c", 1), backoff=backoff))
    assert told(actions) == "block c"
    assert actions.wake_at == actions.blocked["c"] == NOW + 10
    assert told(plan(view(pod(), exited("c", 1, at=NOW - 10), backoff=backoff))) == "start c#1"


names = st.sampled_from(["c", "d", "i1", "s1"])
states = st.sampled_from([None, "running", 0, 1])


@given(
    st.dictionaries(names, states), st.sampled_from(["Always", "OnFailure", "Never"]), st.booleans(),
    st.sampled_from([None, DELETED, Ending(EndingKind.REMOVED, 0.0)]), st.frozensets(names),
)  # fmt: skip
def test_what_holds_for_any_pod(
    found: dict[str, Any], policy: str, prepared: bool, ending: Ending | None, busy: frozenset[str]
) -> None:
    made = pod(
        container("c"), container("d"), restartPolicy=policy,
        initContainers=[container("i1"), container("s1", **SIDECAR)],
    )  # fmt: skip
    attempts = [running(n) if s == "running" else exited(n, s) for n, s in found.items() if s is not None]
    seen = view(made, *attempts, prepared=prepared, ending=ending, busy=busy)
    actions = plan(seen)
    runs = {a.container for a in attempts if a.running}
    if ending or actions.outcome or not prepared:
        assert not actions.start
    if actions.teardown:
        assert not runs
        assert not busy
    for start in actions.start:
        assert start.container.name not in runs | busy
    if {s.container.name for s in actions.start} & {"c", "d"} and not {"c", "d"} & set(found):
        assert found.get("i1") == 0
        assert found.get("s1") == "running"
    for stop in actions.stop:
        assert stop.container.name in runs
        assert stop.container.name not in busy
    if actions.outcome == "Succeeded":
        assert all(found.get(n) == 0 for n in ("c", "d"))
    assert plan(seen) == actions
    assert finished(seen) == actions.outcome or ending
