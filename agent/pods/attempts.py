"""One run of a container after another: what is known of each, from the host or from the recorded status.

An attempt's number is the container's restart count. Attempts found on the host win over recorded ones; a recorded
one that the host no longer knows is remembered, so that an agent that restarts neither counts wrong nor runs a
finished container again.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from podwright.agent.pods.ports import ContainerInfo, ContainerState
from podwright.agent.pods.spec import Pod, unix

ID_SCHEME = "podwright://"
LABEL_IMAGE = "podwright.image"  # the image as the spec named it when the container was made
LABEL_USER = "podwright.user"  # "uid:gid:gid,gid"
LABEL_STOP = "podwright.stop-signal"
KEPT = 2  # attempts remembered for each container: the newest and the one before

LOST_EXIT_CODE = 137
LOST_REASON = "ContainerStatusUnknown"
GONE_MESSAGE = "The container could not be located when the pod was terminated"
MONITOR_MESSAGE = "The container's monitor died; the container was stopped"


class AttemptState(enum.Enum):
    """How far an attempt got."""

    RUNNING = "running"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a container. Times are Unix seconds, 0 when unknown."""

    container: str
    number: int
    id: str
    state: AttemptState
    started_at: float = 0.0
    finished_at: float = 0.0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    image: str = ""  # as the spec named it
    image_id: str = ""
    user: tuple[int, int, tuple[int, ...]] | None = None
    stop_signal: str = ""

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self.state is AttemptState.RUNNING

    @property
    def exited(self) -> bool:
        """Whether it has ended."""
        return self.state is AttemptState.EXITED


def from_info(info: ContainerInfo) -> Attempt:
    """Describe a container that was started, as found on the host."""
    exited = info.state is not ContainerState.RUNNING
    lost = info.state is ContainerState.LOST
    return Attempt(
        container=info.name,
        number=info.attempt,
        id=info.id,
        state=AttemptState.EXITED if exited else AttemptState.RUNNING,
        started_at=info.started_at,
        finished_at=info.finished_at if exited else 0.0,
        exit_code=LOST_EXIT_CODE if lost else info.exit_code,
        reason=_reason(info, lost=lost) if exited else "",
        message=MONITOR_MESSAGE if lost else "",
        image=info.labels.get(LABEL_IMAGE, ""),
        image_id=info.image_digest or info.image_id,
        user=_user(info.labels.get(LABEL_USER, "")),
        stop_signal=info.labels.get(LABEL_STOP, ""),
    )


def _reason(info: ContainerInfo, *, lost: bool) -> str:
    if lost:
        return LOST_REASON
    if info.oom_killed:
        return "OOMKilled"
    return "Completed" if info.exit_code == 0 else "Error"


def _user(text: str) -> tuple[int, int, tuple[int, ...]] | None:
    if not text:
        return None
    uid, gid, groups = text.split(":")
    return int(uid), int(gid), tuple(int(g) for g in groups.split(",") if g)


def user_label(uid: int, gid: int, groups: Iterable[int]) -> str:
    """Write a container's user as the label that `from_info` reads."""
    return f"{uid}:{gid}:{','.join(str(g) for g in groups)}"


@dataclass(slots=True)
class History:
    """The newest attempts of each container of one pod, newest first."""

    _by_name: dict[str, list[Attempt]] = field(default_factory=dict[str, list[Attempt]])

    def newest(self, name: str) -> Attempt | None:
        """The newest attempt, if the container was ever started."""
        attempts = self._by_name.get(name)
        return attempts[0] if attempts else None

    def previous(self, name: str) -> Attempt | None:
        """The attempt before the newest."""
        attempts = self._by_name.get(name) or []
        return attempts[1] if len(attempts) > 1 else None

    def all(self) -> dict[str, Attempt]:
        """The newest attempt of every container that has one."""
        return {name: many[0] for name, many in self._by_name.items() if many}

    def by_id(self, container_id: str) -> Attempt | None:
        """Look an attempt up by its container's id."""
        return next((a for many in self._by_name.values() for a in many if a.id == container_id), None)

    def put(self, attempt: Attempt) -> None:
        """Add an attempt or replace what was known of it."""
        many = [a for a in self._by_name.get(attempt.container, []) if a.number != attempt.number]
        many.append(attempt)
        many.sort(key=lambda a: -a.number)
        self._by_name[attempt.container] = many[:KEPT]

    def without(self, names: Iterable[str]) -> History:
        """Copy the history without the newest attempt of these containers."""
        hidden = set(names)
        return History({name: many[1:] if name in hidden else many for name, many in self._by_name.items()})

    def restore(self, pod: Pod, on_host: Iterable[ContainerInfo]) -> list[ContainerInfo]:
        """Start from the recorded status, then let what the host shows win.

        Returns the containers that ended unseen: they stand as running until their end has been taken in.
        """
        status: Mapping[str, Any] = pod.get("status") or {}
        for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
            for recorded in status.get(key) or ():
                for attempt in from_status(recorded):
                    self.put(attempt)
        unseen: list[ContainerInfo] = []
        for info in sorted(on_host, key=lambda i: i.attempt):
            if info.state is ContainerState.CREATED:
                continue
            attempt, known = from_info(info), self.by_id(info.id)
            newest = self.newest(info.name)
            seen = known is not None and known.reason != LOST_REASON and info.state is not ContainerState.LOST
            if attempt.exited and not seen and (newest is None or newest.number <= attempt.number):
                unseen = [*(u for u in unseen if u.name != info.name), info]
                attempt = replace(attempt, state=AttemptState.RUNNING)
            elif attempt.exited and known is not None:
                attempt = replace(attempt, message=known.message)
            self.put(attempt)
        return unseen


def from_status(recorded: Mapping[str, Any]) -> list[Attempt]:
    """Read the attempts back from a containerStatus, newest first; one that was running is taken as lost."""
    count = int(recorded.get("restartCount") or 0)
    state: Mapping[str, Any] = recorded.get("state") or {}
    last: Mapping[str, Any] = (recorded.get("lastState") or {}).get("terminated") or {}
    found: list[Attempt] = []
    if "running" in state:
        found.append(
            Attempt(
                recorded["name"], count, _bare(recorded.get("containerID", "")), AttemptState.EXITED,
                started_at=_time(state["running"].get("startedAt")), exit_code=LOST_EXIT_CODE, reason=LOST_REASON,
                message=GONE_MESSAGE, image=recorded.get("image", ""), image_id=recorded.get("imageID", ""),
            )
        )  # fmt: skip
    elif "terminated" in state:
        found.append(_terminated(recorded, count, state["terminated"]))
    if last:
        # While a container waits to run again, its newest attempt is the last state.
        found.append(_terminated(recorded, count - 1 if found else count, last))
    return [a for a in found if a.number >= 0]


def _terminated(recorded: Mapping[str, Any], number: int, state: Mapping[str, Any]) -> Attempt:
    return Attempt(
        recorded["name"], number, _bare(state.get("containerID", "")), AttemptState.EXITED,
        started_at=_time(state.get("startedAt")), finished_at=_time(state.get("finishedAt")),
        exit_code=int(state.get("exitCode") or 0), reason=state.get("reason", ""), message=state.get("message", ""),
        image=recorded.get("image", ""), image_id=recorded.get("imageID", ""),
    )  # fmt: skip


def _bare(container_id: str) -> str:
    return container_id.removeprefix(ID_SCHEME)


def _time(text: str | None) -> float:
    return unix(text) if text else 0.0
