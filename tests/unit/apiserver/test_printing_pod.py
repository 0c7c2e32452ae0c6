"""The STATUS column of a pod names the most telling thing there is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from podwright.api.resources import find
from podwright.apiserver.printing.pod_status import summarize
from podwright.apiserver.printing.tables import table_for

NOW = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)
JSON = dict[str, Any]
RUNNING: JSON = {"running": {"startedAt": "2026-01-02T03:00:00Z"}}


def _waiting(reason: str = "") -> JSON:
    return {"waiting": {"reason": reason} if reason else {}}


def _ended(code: int = 0, reason: str = "", signal: int = 0) -> JSON:
    return {"terminated": {"exitCode": code, "reason": reason, "signal": signal, "finishedAt": "2026-01-02T03:55:00Z"}}


def _container(state: JSON, *, ready: bool = False, restarts: int = 0, last: str = "", **more: Any) -> JSON:
    last_state = {"terminated": {"finishedAt": last}} if last else {}
    return {"name": "c", "state": state, "ready": ready, "restartCount": restarts, "lastState": last_state, **more}


def _pod(
    *containers: JSON,
    init: tuple[JSON, ...] = (),
    phase: str = "Running",
    sidecars: tuple[int, ...] = (),
    deleted: bool = False,
    reason: str = "",
    conditions: tuple[tuple[str, str, str], ...] = (),
) -> JSON:
    """A pod whose containers are named c0, c1 and whose init containers are named i0, i1."""
    names = [{"name": f"i{n}", **({"restartPolicy": "Always"} if n in sidecars else {})} for n in range(len(init))]
    return {
        "metadata": {"name": "p", **({"deletionTimestamp": "2026-01-02T03:59:00Z"} if deleted else {})},
        "spec": {"containers": [{"name": f"c{n}"} for n in range(max(1, len(containers)))], "initContainers": names},
        "status": {
            "phase": phase,
            "reason": reason,
            "conditions": [{"type": kind, "status": status, "reason": why} for kind, status, why in conditions],
            "containerStatuses": [{**status, "name": f"c{n}"} for n, status in enumerate(containers)],
            "initContainerStatuses": [{**status, "name": f"i{n}"} for n, status in enumerate(init)],
        },
    }


UP = _container(RUNNING, ready=True)
STARTING = _container(_waiting("PodInitializing"))
DONE = _container(_ended(0, "Completed"))
STARTED_SIDECAR = _container(RUNNING, ready=True, started=True)


@pytest.mark.parametrize(
    ("pod", "status", "ready"),
    [
        pytest.param(_pod(phase="Pending"), "Pending", "0/1", id="no status yet"),
        pytest.param(_pod(UP), "Running", "1/1", id="running"),
        pytest.param(_pod(_container(RUNNING)), "Running", "0/1", id="running, not ready"),
        pytest.param(
            _pod(_container(_waiting("ContainerCreating")), phase="Pending"), "ContainerCreating", "0/1", id="creating"
        ),
        pytest.param(_pod(_container(_waiting()), phase="Pending"), "Pending", "0/1", id="waiting without a reason"),
        pytest.param(_pod(_container(_waiting("CrashLoopBackOff"))), "CrashLoopBackOff", "0/1", id="crashing"),
        pytest.param(_pod(_container(_ended(1, "Error"))), "Error", "0/1", id="error"),
        pytest.param(_pod(_container(_ended(137, "OOMKilled"))), "OOMKilled", "0/1", id="out of memory"),
        pytest.param(_pod(_container(_ended(3))), "ExitCode:3", "0/1", id="exit code"),
        pytest.param(_pod(_container(_ended(137, "", 9))), "Signal:9", "0/1", id="signal"),
        pytest.param(_pod(DONE, phase="Succeeded"), "Completed", "0/1", id="completed"),
        pytest.param(_pod(DONE, UP), "NotReady", "1/2", id="one done, one running, pod not ready"),
        pytest.param(_pod(DONE, UP, conditions=(("Ready", "True", ""),)), "Running", "1/2", id="one done, one running"),
        pytest.param(_pod(DONE, _container(_ended(1, "Error"))), "Error", "0/2", id="one done, one failed"),
        pytest.param(
            _pod(DONE, UP, _container(_ended(3))), "ExitCode:3", "1/3", id="one done, one failed, one running"
        ),
        pytest.param(
            _pod(DONE, UP, _container(_ended(3)), conditions=(("Ready", "True", ""),)),
            "Running",
            "1/3",
            id="one failed, the pod is ready",
        ),
        pytest.param(
            _pod(_container(_waiting("A")), _container(_waiting("B"))), "A", "0/2", id="the first has the last word"
        ),
        pytest.param(_pod(UP, _container(_ended(1, "Error"))), "Error", "1/2", id="one failed"),
        pytest.param(_pod(phase="Failed", reason="Evicted"), "Evicted", "0/1", id="the pod's own reason"),
        pytest.param(_pod(UP, deleted=True), "Terminating", "1/1", id="terminating"),
        pytest.param(_pod(UP, deleted=True, reason="NodeLost"), "Unknown", "1/1", id="node lost"),
        pytest.param(_pod(DONE, phase="Succeeded", deleted=True), "Completed", "0/1", id="ended, then deleted"),
        pytest.param(
            _pod(phase="Pending", conditions=(("PodScheduled", "False", "SchedulingGated"),)),
            "SchedulingGated",
            "0/1",
            id="gated",
        ),
        pytest.param(
            _pod(phase="Pending", conditions=(("PodScheduled", "False", "Unschedulable"),)),
            "Pending",
            "0/1",
            id="unschedulable",
        ),
        pytest.param(
            _pod(STARTING, init=(STARTING, STARTING), phase="Pending"), "Init:0/2", "0/1", id="first init waits"
        ),
        pytest.param(
            _pod(STARTING, init=(DONE, _container(RUNNING)), phase="Pending"), "Init:1/2", "0/1", id="second init runs"
        ),
        pytest.param(
            _pod(STARTING, init=(_container(_ended(1, "Error")),), phase="Pending"),
            "Init:Error",
            "0/1",
            id="init failed",
        ),
        pytest.param(
            _pod(STARTING, init=(_container(_ended(2)),), phase="Pending"),
            "Init:ExitCode:2",
            "0/1",
            id="init exit code",
        ),
        pytest.param(
            _pod(STARTING, init=(_container(_ended(2, "", 15)),), phase="Pending"),
            "Init:Signal:15",
            "0/1",
            id="init signal",
        ),
        pytest.param(
            _pod(STARTING, init=(_container(_waiting("CrashLoopBackOff")),), phase="Pending"),
            "Init:CrashLoopBackOff",
            "0/1",
            id="init crashes",
        ),
        pytest.param(
            _pod(STARTING, init=(DONE,), phase="Pending"), "PodInitializing", "0/1", id="init done, not started"
        ),
        pytest.param(_pod(UP, init=(STARTED_SIDECAR,), sidecars=(0,)), "Running", "2/2", id="sidecar"),
        pytest.param(
            _pod(STARTING, init=(_container(RUNNING, started=False),), sidecars=(0,), phase="Pending"),
            "Init:0/1",
            "0/2",
            id="sidecar starting",
        ),
        pytest.param(
            _pod(STARTING, init=(STARTED_SIDECAR, _container(RUNNING)), sidecars=(0,), phase="Pending"),
            "Init:1/2",
            "1/2",
            id="sidecar up, init runs",
        ),
        pytest.param(
            _pod(
                UP,
                init=(_container(_waiting("CrashLoopBackOff")),),
                sidecars=(0,),
                conditions=(("Initialized", "True", ""),),
            ),
            "Init:CrashLoopBackOff",
            "1/2",
            id="sidecar crashes later",
        ),
    ],
)
def test_status_and_ready(pod: JSON, status: str, ready: str) -> None:
    summary = summarize(pod)
    assert (summary.status, f"{summary.ready}/{summary.total}") == (status, ready)


@pytest.mark.parametrize(
    ("pod", "restarts"),
    [
        pytest.param(_pod(UP), "0", id="none"),
        pytest.param(_pod(_container(RUNNING, restarts=2)), "2", id="when unknown"),
        pytest.param(_pod(_container(RUNNING, restarts=2, last="2026-01-02T03:55:00Z")), "2 (5m ago)", id="with time"),
        pytest.param(
            _pod(
                _container(RUNNING, restarts=1, last="2026-01-02T03:00:00Z"),
                _container(RUNNING, restarts=2, last="2026-01-02T03:59:00Z"),
            ),
            "3 (60s ago)",
            id="summed, the latest time",
        ),
        pytest.param(
            _pod(UP, init=(_container(_ended(0, "Completed"), restarts=4, last="2026-01-02T03:59:00Z"),)),
            "0",
            id="init containers are forgotten once done",
        ),
        pytest.param(
            _pod(STARTING, init=(_container(RUNNING, restarts=4, last="2026-01-02T03:59:00Z"),), phase="Pending"),
            "4 (60s ago)",
            id="init containers while they run",
        ),
        pytest.param(
            _pod(
                _container(RUNNING, restarts=1),
                init=(_container(RUNNING, restarts=2, last="2026-01-02T03:58:00Z", started=True),),
                sidecars=(0,),
            ),
            "3 (2m ago)",
            id="sidecars always count",
        ),
        pytest.param(_pod(_container(RUNNING, restarts=0, last="2026-01-02T03:58:00Z")), "0", id="no restart, no time"),
    ],
)
def test_restarts(pod: JSON, restarts: str) -> None:
    (row,) = table_for(find("pods"), [pod], now=NOW)["rows"]
    assert row["cells"][3] == restarts


def test_wide_columns_and_the_end_of_a_pod() -> None:
    pod = _pod(DONE, phase="Succeeded", conditions=(("x/a", "True", ""), ("x/b", "False", "")))
    pod["metadata"]["creationTimestamp"] = "2026-01-02T03:00:00Z"
    pod["spec"] |= {"nodeName": "n", "readinessGates": [{"conditionType": "x/a"}, {"conditionType": "x/b"}]}
    pod["status"] |= {"podIPs": [{"ip": "10.0.0.1"}], "nominatedNodeName": "m"}
    (row,) = table_for(find("pods"), [pod], now=NOW)["rows"]
    assert row["cells"] == ["p", "0/1", "Completed", "0", "60m", "10.0.0.1", "n", "m", "1/2"]
    (condition,) = row["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Completed", "True", "Succeeded")


def test_a_bare_pod_has_all_cells() -> None:
    (row,) = table_for(find("pods"), [{"metadata": {"name": "p"}}], now=NOW)["rows"]
    assert row["cells"] == ["p", "0/0", "", "0", "<unknown>", *["<none>"] * 4]
    assert "conditions" not in row
