"""What a change of a running pod's cpu and memory means: pure.

A pod's resources are known three times: what its object asks for, what this node has granted (the pod as its worker
holds it), and what a running container has been given. This module compares them and says what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from podwright.agent.pods.ports import Limits
from podwright.agent.pods.spec import JSON, Container, Pod, Role, generation, init_containers, main_containers

DEFERRED, INFEASIBLE = "Deferred", "Infeasible"


@dataclass(frozen=True, slots=True)
class Pending:
    """Why a resize is not granted: the condition's reason and message."""

    reason: str
    message: str


@dataclass(slots=True)
class Resize:
    """How far a pod's resize has got. Empty while there is none."""

    pending: Pending | None = None
    actual: dict[str, JSON] = field(default_factory=dict[str, JSON])  # what running containers still have, by name
    before: Limits | None = None  # of the pod's cgroup, while cgroups are to be changed
    error: str = ""  # why they could not be
    announced: bool = False  # its begin was told, its end was not

    @property
    def going_on(self) -> bool:
        """Whether something granted is not given yet."""
        return bool(self.actual) or self.before is not None

    def conditions(self) -> list[JSON]:
        """The conditions that tell of it."""
        found: list[JSON] = []
        if self.pending is not None:
            reason, text = self.pending.reason, self.pending.message
            found.append({"type": "PodResizePending", "status": "True", "reason": reason, "message": text})
        if self.going_on and self.announced:
            failed = {"reason": "Error", "message": self.error} if self.error else {}
            found.append({"type": "PodResizeInProgress", "status": "True", **failed})
        return found


def resources(container: Mapping[str, Any]) -> JSON:
    """Return a container's limits and requests, those that are set."""
    own: Mapping[str, Any] = container.get("resources") or {}
    return {key: dict(sorted(own[key].items())) for key in ("limits", "requests") if own.get(key)}


def resizable(pod: Pod) -> list[Container]:
    """Containers that may be resized: those that go on running."""
    return [c for c in (*init_containers(pod), *main_containers(pod)) if c.role is not Role.INIT]


def changes(granted: Pod, wanted: Pod) -> dict[str, JSON]:
    """Resources granted before, by container, of those for which others are wanted."""
    asked = {c.name: resources(c.spec) for c in resizable(wanted)}
    have = {c.name: resources(c.spec) for c in resizable(granted)}
    return {name: old for name, old in have.items() if name in asked and asked[name] != old}


def same(granted: Pod, wanted: Pod) -> bool:
    """Say whether all that is wanted is granted, for the pod as a whole too."""
    return not changes(granted, wanted) and granted["spec"].get("resources") == wanted["spec"].get("resources")


def with_grants(pod: Pod, granted: Pod) -> Pod:
    """Return the pod with the resources of another version of it."""
    if same(granted, pod):
        return pod
    have = {c.name: c.spec.get("resources") for c in resizable(granted)}
    spec: JSON = dict(pod["spec"])
    for key in ("initContainers", "containers"):
        if spec.get(key):
            spec[key] = [{**c, "resources": have.get(c["name"], c.get("resources")) or {}} for c in spec[key]]
    if "resources" in granted["spec"]:
        spec["resources"] = granted["spec"]["resources"]
    return {**pod, "spec": spec}


def given(pod: Pod) -> Pod:
    """Return the pod with the resources that its recorded status says were given to its running containers."""
    status: Mapping[str, Any] = pod.get("status") or {}
    have: dict[str, JSON] = {
        s["name"]: s["resources"]
        for key in ("initContainerStatuses", "containerStatuses")
        for s in status.get(key) or ()
        if "running" in (s.get("state") or {}) and s.get("resources")
    }
    if all(c.name not in have or resources(c.spec) == have[c.name] for c in resizable(pod)):
        return pod
    spec: JSON = dict(pod["spec"])
    for key in ("initContainers", "containers"):
        if spec.get(key):
            spec[key] = [{**c, "resources": have.get(c["name"], c.get("resources") or {})} for c in spec[key]]
    return {**pod, "spec": spec}


def needs_restart(container: Container, old: Mapping[str, Any]) -> bool:
    """Say whether the container wants to be started again when these resources change to its present ones."""
    new = resources(container.spec)
    for policy in container.spec.get("resizePolicy") or ():
        name = policy.get("resourceName")
        moved = any(_amount(old, kind, name) != _amount(new, kind, name) for kind in ("limits", "requests"))
        if moved and policy.get("restartPolicy") == "RestartContainer":
            return True
    return False


def _amount(resources: Mapping[str, Any], kind: str, name: str) -> Any:
    return (resources.get(kind) or {}).get(name)


def describe(pod: Pod, error: str = "") -> str:
    """Say in the events' form what is being changed to."""
    told: JSON = {}
    for key, many in (("initContainers", init_containers(pod)), ("containers", main_containers(pod))):
        found = [{"name": c.name, "resources": resources(c.spec)} for c in many if c.role is not Role.INIT]
        if found:
            told[key] = found
    told["generation"] = generation(pod)
    if error:
        told["error"] = error
    return json.dumps(told, separators=(",", ":"))


def widest(one: Limits, other: Limits) -> Limits:
    """Limits within which both fit: the pod's while its containers change one by one."""
    return Limits(
        cpu_shares=max(one.cpu_shares or 0, other.cpu_shares or 0) or None,
        cpu_quota_us=_larger(one.cpu_quota_us, other.cpu_quota_us, unlimited=-1),
        cpu_period_us=one.cpu_period_us,
        memory_bytes=_larger(one.memory_bytes, other.memory_bytes, unlimited=None),
        pids=_larger(one.pids, other.pids, unlimited=None),
    )


def _larger(one: int | None, other: int | None, *, unlimited: int | None) -> int | None:
    if one in (None, -1) or other in (None, -1):
        return unlimited
    return max(one or 0, other or 0)
