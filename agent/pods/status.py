"""A pod's whole status as its node reports it: pure, from what is known at one moment.

When a pod ends by itself, its containers' ends are reported first and the last phase only when everything of it has
stopped: until then the phase stays as it was. A pod that must end (deletion, deadline) never shows Succeeded for
containers nobody saw end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from podwright.agent.pods.attempts import History
from podwright.agent.pods.conditions import conditions
from podwright.agent.pods.container_status import LOST_STATE, Waiting, container_status
from podwright.agent.pods.phase import TERMINAL, phase
from podwright.agent.pods.resizing import Resize
from podwright.agent.pods.spec import (
    JSON,
    Container,
    Pod,
    Role,
    ephemeral_containers,
    generation,
    init_containers,
    main_containers,
    qos_class,
    rfc3339,
)
from podwright.api import quantity


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the status depends on."""

    pod: Pod
    now: float
    start_time: float
    history: History
    host_ips: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    waiting: Mapping[str, Waiting] = field(default_factory=dict[str, Waiting])
    started: frozenset[str] = frozenset()
    ready: frozenset[str] = frozenset()
    ready_to_start: bool = False  # volumes and sandbox are there
    over: bool = False  # everything has stopped and nothing will be started
    failed: tuple[str, str] | None = None  # reason and message of a pod that was made to end
    resize: Resize = field(default_factory=Resize)
    old: Mapping[str, Any] = field(default_factory=dict[str, Any])  # the status built or recorded before


def build(facts: Facts) -> JSON:
    """Build the status."""
    pod = facts.pod
    inits = [_status(facts, c, "PodInitializing") for c in init_containers(pod)]
    default = "PodInitializing" if inits else "ContainerCreating"
    # Init containers run in their order; the others have none, and are listed by name.
    mains = [_status(facts, c, default) for c in _by_name(main_containers(pod))]
    ephemerals = [_status(facts, c, "ContainerCreating") for c in _by_name(ephemeral_containers(pod))]
    real = phase(pod, facts.history.all(), facts.started, over=facts.over)
    if facts.failed:
        real = "Failed"
    shown = _shown_phase(facts, real)
    by_name = {s["name"]: s for s in (*inits, *mains)}
    built = conditions(
        pod, real, by_name, ready_to_start=facts.ready_to_start and not facts.over, foreign=_recorded(pod),
        old={c["type"]: c for c in (*_recorded(pod), *(facts.old.get("conditions") or ()))},
        generation=generation(pod), now=rfc3339(facts.now), more=facts.resize.conditions(),
    )  # fmt: skip
    if facts.over:
        _mark_lost(pod, inits, mains)
    status: JSON = {}
    if generation(pod):
        status["observedGeneration"] = generation(pod)
    status |= {"phase": shown, "conditions": built}
    if facts.failed and shown == "Failed":
        status |= {"message": facts.failed[1], "reason": facts.failed[0]}
    status |= _addresses(facts)
    status["startTime"] = rfc3339(facts.start_time)
    for key, many in (("initContainerStatuses", inits), ("containerStatuses", mains)):
        if many:
            status[key] = many
    status["qosClass"] = qos_class(pod)
    if ephemerals:
        status["ephemeralContainerStatuses"] = ephemerals
    status |= _pod_resources(pod, facts.resize.actual)
    return status


def rejected(pod: Pod, reason: str, message: str, now: float) -> JSON:
    """Build the status of a pod that this node refuses."""
    status: JSON = {"observedGeneration": generation(pod)} if generation(pod) else {}
    status |= {
        "phase": "Failed",
        "message": f"Pod was rejected: {message}",
        "reason": reason,
        "startTime": rfc3339(now),
        "qosClass": qos_class(pod),
    }
    return status


def _by_name(many: Iterable[Container]) -> list[Container]:
    return sorted(many, key=lambda container: container.name)


def _recorded(pod: Pod) -> list[JSON]:
    return list((pod.get("status") or {}).get("conditions") or ())


def _status(facts: Facts, container: Container, default_waiting: str) -> JSON:
    return container_status(
        container, facts.history.newest(container.name), facts.history.previous(container.name),
        waiting=facts.waiting.get(container.name), default_waiting=default_waiting,
        started=container.name in facts.started, ready=container.name in facts.ready,
        actual=facts.resize.actual.get(container.name),
    )  # fmt: skip


def _shown_phase(facts: Facts, real: str) -> str:
    if facts.over:
        return real if real in TERMINAL else "Failed"
    if real in TERMINAL:
        return str(facts.old.get("phase") or "Pending")
    return real


def _mark_lost(pod: Pod, inits: list[JSON], mains: list[JSON]) -> None:
    """Give containers that never ran a last state; of the init containers only those before the last that did run."""
    ran = [index for index, s in enumerate(inits) if s.get("containerID")]
    for status in inits[: ran[-1] + 1] if ran else ():
        _lose(status)
    if _has_initialized(pod, inits, mains):
        for status in mains:
            _lose(status)


def _has_initialized(pod: Pod, inits: list[JSON], mains: list[JSON]) -> bool:
    if not inits or any(s.get("containerID") for s in mains):
        return True
    last, status = init_containers(pod)[-1], inits[-1]
    return last.role is Role.INIT and status["state"].get("terminated", {}).get("exitCode") == 0


def _lose(status: JSON) -> None:
    if "terminated" not in status["state"]:
        status["state"] = LOST_STATE


def _addresses(facts: Facts) -> JSON:
    found: JSON = {}
    if facts.host_ips:
        found |= {"hostIP": facts.host_ips[0], "hostIPs": [{"ip": ip} for ip in facts.host_ips]}
    if facts.ips:
        found |= {"podIP": facts.ips[0], "podIPs": [{"ip": ip} for ip in facts.ips]}
    return found


def _pod_resources(pod: Pod, actual: Mapping[str, JSON]) -> JSON:
    """What is granted to the pod, and what it has been given."""
    granted, given = _totals(pod, {}), _totals(pod, actual)
    found: JSON = {"allocatedResources": granted["requests"]} if "requests" in granted else {}
    return {**found, "resources": given}


def _totals(pod: Pod, actual: Mapping[str, JSON]) -> JSON:
    own: Mapping[str, Any] = pod["spec"].get("resources") or {}
    watched = [c for c in (*init_containers(pod), *main_containers(pod)) if c.role is not Role.INIT]
    totals: JSON = {}
    for key in ("limits", "requests"):
        total = own.get(key) or _sum(actual.get(c.name, c.spec.get("resources") or {}).get(key) or {} for c in watched)
        if total:
            totals[key] = dict(total)
    return totals


def _sum(many: Iterable[Mapping[str, Any]]) -> JSON:
    totals: dict[str, quantity.Quantity] = {}
    for amounts in many:
        for name, amount in amounts.items():
            parsed = quantity.parse(amount)
            totals[name] = totals[name] + parsed if name in totals else parsed
    return {name: str(total) for name, total in totals.items()}
