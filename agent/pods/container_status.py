"""One container's status: what it is doing, what it did before, whether it is ready.

States come from its attempts; a container that is not running but will be started shows why it is not (`Waiting`),
and then its newest attempt is its last state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.attempts import GONE_MESSAGE, ID_SCHEME, LOST_EXIT_CODE, LOST_REASON, Attempt
from podwright.agent.pods.spec import JSON, Container, Role, rfc3339


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a container does not run (yet)."""

    reason: str
    message: str = ""

    def state(self) -> JSON:
        """As the API writes it."""
        return {"waiting": {"reason": self.reason, **({"message": self.message} if self.message else {})}}


LOST_STATE: JSON = {
    "terminated": {
        "exitCode": LOST_EXIT_CODE,
        "reason": LOST_REASON,
        "message": GONE_MESSAGE,
        "startedAt": None,
        "finishedAt": None,
    }
}
"""Of a container that never ran, or nobody knows how it ended, when its pod ends."""


def container_status(
    container: Container,
    newest: Attempt | None,
    previous: Attempt | None,
    *,
    waiting: Waiting | None,
    default_waiting: str,
    started: bool,
    ready: bool,
    actual: Mapping[str, Any] | None = None,
) -> JSON:
    """Build a containerStatus. `started`, `ready`: what probes say; `actual`: its resources, if not those granted."""
    if newest is None:
        state, last = (waiting or Waiting(default_waiting)).state(), None
    elif newest.running:
        state, last = {"running": {"startedAt": rfc3339(newest.started_at)}}, previous
    elif waiting is not None:
        state, last = waiting.state(), newest
    else:
        state, last = {"terminated": _terminated(newest)}, previous
    running = newest is not None and newest.running
    is_ready = running and ready
    if container.role is Role.INIT:
        is_ready = newest is not None and newest.exited and newest.exit_code == 0 and "terminated" in state
    if container.role is Role.EPHEMERAL:
        is_ready = False
    status: JSON = {
        "name": container.name,
        "state": state,
        "lastState": {"terminated": _terminated(last)} if last is not None and last.exited else {},
        "ready": is_ready,
        "restartCount": newest.number if newest else 0,
        "image": (newest.image if newest and newest.image else container.spec.get("image", "")),
        "imageID": newest.image_id if newest else "",
    }
    if newest is not None and newest.id:
        status["containerID"] = ID_SCHEME + newest.id
    if container.role is not Role.EPHEMERAL:
        status["started"] = running and started
    if newest is not None:
        status |= _resources(container.spec, actual)
    mounts = [_mount(m) for m in container.spec.get("volumeMounts") or ()]
    if mounts:
        status["volumeMounts"] = mounts
    if newest is not None and newest.user is not None:
        uid, gid, groups = newest.user
        linux: JSON = {"uid": uid, "gid": gid, **({"supplementalGroups": list(groups)} if groups else {})}
        status["user"] = {"linux": linux}
    return status


def _terminated(attempt: Attempt) -> JSON:
    lost = attempt.reason == LOST_REASON and not attempt.finished_at
    state: JSON = {"exitCode": attempt.exit_code, "reason": attempt.reason}
    if attempt.message:
        state["message"] = attempt.message
    state["startedAt"] = None if lost and not attempt.started_at else rfc3339(attempt.started_at)
    state["finishedAt"] = None if lost else rfc3339(attempt.finished_at)
    if attempt.id:
        state["containerID"] = ID_SCHEME + attempt.id
    return state


def _resources(spec: Mapping[str, Any], actual: Mapping[str, Any] | None) -> JSON:
    resources: JSON = spec.get("resources") or {}
    found: JSON = {}
    if resources.get("requests"):
        found["allocatedResources"] = dict(resources["requests"])
    if actual is not None:
        return {**found, "resources": dict(actual)}
    found["resources"] = {key: dict(resources[key]) for key in ("limits", "requests") if resources.get(key)}
    return found


def _mount(mount: Mapping[str, Any]) -> JSON:
    found: JSON = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        found |= {"readOnly": True, "recursiveReadOnly": "Disabled"}
    return found
