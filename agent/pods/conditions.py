"""The conditions of a pod that its node owns, with the reasons and messages that clients and people know.

A condition keeps its lastTransitionTime as long as its status stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podwright.agent.pods.spec import JSON, Pod, Role, init_containers, main_containers

_LAST_REASON = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}


def conditions(
    pod: Pod,
    phase: str,
    statuses: Mapping[str, JSON],
    *,
    ready_to_start: bool,
    foreign: Iterable[Mapping[str, Any]],
    old: Mapping[str, Mapping[str, Any]],
    generation: int,
    now: str,
    more: Sequence[JSON] = (),
) -> list[JSON]:
    """Build all owned conditions, `more` first. `statuses`: containerStatus by name; `old`: conditions as they were."""
    containers_ready = _containers_ready(pod, phase, statuses)
    built = [
        *more,
        {"type": "PodReadyToStartContainers", "status": _flag(ready_to_start)},
        _initialized(pod, phase, statuses),
        _ready(pod, containers_ready, foreign),
        containers_ready,
        {"type": "PodScheduled", "status": "True"},
    ]
    return [_stamped(c, old.get(c["type"]), generation, now) for c in built]


def _stamped(new: JSON, old: Mapping[str, Any] | None, generation: int, now: str) -> JSON:
    same = old is not None and old.get("status") == new["status"]
    since = old.get("lastTransitionTime") if same and old else None
    stamped: JSON = {"type": new["type"]}
    if generation:
        stamped["observedGeneration"] = generation
    stamped |= {"status": new["status"], "lastProbeTime": None, "lastTransitionTime": since or now}
    stamped |= {key: new[key] for key in ("reason", "message") if new.get(key)}
    return stamped


def _flag(value: bool) -> str:
    return "True" if value else "False"


def _names(names: Sequence[str]) -> str:
    return f"[{' '.join(names)}]"


def _explain(kind: str, unknown: Sequence[str], bad: Sequence[str]) -> str:
    parts: list[str] = []
    if unknown:
        parts.append(f"containers with unknown status: {_names(unknown)}")
    if bad:
        parts.append(f"containers with {kind} status: {_names(bad)}")
    return ", ".join(parts)


def _containers_ready(pod: Pod, phase: str, statuses: Mapping[str, JSON]) -> JSON:
    watched = [c for c in init_containers(pod) if c.role is Role.SIDECAR] + main_containers(pod)
    unknown = [c.name for c in watched if c.name not in statuses]
    unready = [c.name for c in watched if c.name in statuses and not statuses[c.name].get("ready")]
    if phase in _LAST_REASON and not (phase == "Succeeded" and unknown):
        return {"type": "ContainersReady", "status": "False", "reason": _LAST_REASON[phase]}
    if unknown or unready:
        text = _explain("unready", unknown, unready)
        return {"type": "ContainersReady", "status": "False", "reason": "ContainersNotReady", "message": text}
    return {"type": "ContainersReady", "status": "True"}


def _ready(pod: Pod, containers_ready: JSON, foreign: Iterable[Mapping[str, Any]]) -> JSON:
    if containers_ready["status"] != "True":
        return {**containers_ready, "type": "Ready"}
    have = {c["type"]: c.get("status") for c in foreign}
    missing: list[str] = []
    for gate in pod["spec"].get("readinessGates") or ():
        kind = gate["conditionType"]
        if kind not in have:
            missing.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif have[kind] != "True":
            missing.append(f'the status of pod readiness gate "{kind}" is not "True", but {have[kind]}')
    if missing:
        text = ", ".join(missing)
        return {"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady", "message": text}
    return {"type": "Ready", "status": "True"}


def _initialized(pod: Pod, phase: str, statuses: Mapping[str, JSON]) -> JSON:
    unknown: list[str] = []
    incomplete: list[str] = []
    for c in init_containers(pod):
        status = statuses.get(c.name)
        if status is None:
            unknown.append(c.name)
        elif not status.get("started" if c.role is Role.SIDECAR else "ready"):
            incomplete.append(c.name)
    if phase == "Succeeded" and not unknown:
        return {"type": "Initialized", "status": "True", "reason": "PodCompleted"}
    if (unknown or incomplete) and not _main_has_run(pod, statuses):
        text = _explain("incomplete", unknown, incomplete)
        return {"type": "Initialized", "status": "False", "reason": "ContainersNotInitialized", "message": text}
    return {"type": "Initialized", "status": "True"}


def _main_has_run(pod: Pod, statuses: Mapping[str, JSON]) -> bool:
    return any(statuses.get(c.name, {}).get("containerID") for c in main_containers(pod))
