"""A pod in one word: what its STATUS column says, with how many containers are ready and how often they restarted.

The word is the most telling thing there is: the reason why something waits or ended, before the mere phase. Init
containers speak first; once they are done the containers do, the first one in the spec having the last word. A sidecar
(an init container that restarts always) counts as a container once it has started.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]

_TERMINAL = ("Succeeded", "Failed")


@dataclass(slots=True)
class PodSummary:
    """`last_restart` is the RFC 3339 time at which a container last ended before it was restarted, "" if none did."""

    status: str
    ready: int = 0
    total: int = 0
    restarts: int = 0
    last_restart: str = ""


def summarize(pod: JSON) -> PodSummary:
    """Return a pod's summary."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    sidecars = {c.get("name") for c in spec.get("initContainers") or [] if c.get("restartPolicy") == "Always"}
    summary = PodSummary(_first_word(status), total=len(spec.get("containers") or []) + len(sidecars))
    side = PodSummary("")  # what the sidecars alone add up to
    initializing = _init_containers(summary, side, spec, status, sidecars)
    if not initializing or _condition(status, "Initialized"):
        summary.restarts, summary.last_restart = side.restarts, side.last_restart
        _containers(summary, status)
    if (pod.get("metadata") or {}).get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            summary.status = "Unknown"
        elif status.get("phase") not in _TERMINAL:
            summary.status = "Terminating"
    return summary


def _first_word(status: JSON) -> str:
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "SchedulingGated":
            return "SchedulingGated"
    return status.get("reason") or status.get("phase") or ""


def _condition(status: JSON, kind: str) -> bool:
    found = (c for c in status.get("conditions") or [] if c.get("type") == kind)
    return any(condition.get("status") == "True" for condition in found)


def _count(summary: PodSummary, container: JSON) -> None:
    summary.restarts += container.get("restartCount") or 0
    ended = ((container.get("lastState") or {}).get("terminated") or {}).get("finishedAt") or ""
    summary.last_restart = max(summary.last_restart, ended)


def _ending(terminated: JSON) -> str:
    """Why a container ended."""
    if terminated.get("reason"):
        return terminated["reason"]
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode') or 0}"


def _init_containers(summary: PodSummary, side: PodSummary, spec: JSON, status: JSON, sidecars: set[Any]) -> bool:
    """Go through the init containers up to the first that is not done; tell whether there is one."""
    for number, container in enumerate(status.get("initContainerStatuses") or []):
        _count(summary, container)
        sidecar = container.get("name") in sidecars
        if sidecar:
            _count(side, container)
        state = container.get("state") or {}
        terminated, waiting = state.get("terminated"), (state.get("waiting") or {}).get("reason")
        if terminated is not None and not terminated.get("exitCode"):
            continue
        if sidecar and container.get("started"):
            summary.ready += bool(container.get("ready"))
            continue
        if terminated is not None:
            summary.status = f"Init:{_ending(terminated)}"
        elif waiting and waiting != "PodInitializing":
            summary.status = f"Init:{waiting}"
        else:
            summary.status = f"Init:{number}/{len(spec.get('initContainers') or [])}"
        return True
    return False


def _containers(summary: PodSummary, status: JSON) -> None:
    running, failure = False, ""
    for container in reversed(status.get("containerStatuses") or []):
        _count(summary, container)
        state = container.get("state") or {}
        terminated, waiting = state.get("terminated"), (state.get("waiting") or {}).get("reason")
        if waiting:
            summary.status = waiting
        elif terminated is not None:
            summary.status = _ending(terminated)
            if terminated.get("exitCode"):
                failure = summary.status
        elif container.get("ready") and state.get("running") is not None:
            running = True
            summary.ready += 1
    if summary.status != "Completed":
        return
    if running and _condition(status, "Ready"):  # one container ended, another goes on
        summary.status = "Running"
    elif failure:
        summary.status = failure
    elif running:
        summary.status = "NotReady"
