"""What to do next for one pod: a value computed from what is wanted, what is there, and the time.

The rules in order: a pod that must end stops its containers (sidecars last, in reverse order) and is taken apart
when none runs; a pod whose containers have all had their last run ends by itself; otherwise containers that must
not go on are stopped, the surroundings are prepared, and containers are started: debug containers, then init
containers one after the other (a sidecar counts as done once it has started), then the main ones.

`plan` is called again after every change and must be right without any memory of earlier calls.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from podwright.agent.pods.attempts import Attempt
from podwright.agent.pods.backoff import Backoff
from podwright.agent.pods.spec import (
    Container,
    Pod,
    Role,
    containers,
    ephemeral_containers,
    grace_seconds,
    init_containers,
    main_containers,
    runs_again,
)


class EndingKind(enum.Enum):
    """Why a pod must end although its containers might go on."""

    DELETED = "deleted"  # someone deleted the object
    REMOVED = "removed"  # the object is gone already
    DEADLINE = "deadline"  # activeDeadlineSeconds is over
    FINISHED = "finished"  # it ended by itself, and that is recorded


@dataclass(frozen=True, slots=True)
class Ending:
    """A pod's end that was decided from outside."""

    kind: EndingKind
    grace: float


@dataclass(frozen=True, slots=True)
class Kill:
    """Why a running container must be stopped while the pod goes on. `text` becomes the event's message."""

    attempt: int
    text: str
    grace: float | None = None  # None: the pod's
    again: bool = False  # start it again whatever the restart policy says
    crash: bool = False  # its end counts like one of its own


@dataclass(frozen=True, slots=True)
class View:
    """All that the decision depends on."""

    pod: Pod
    now: float
    attempts: Mapping[str, Attempt] = field(default_factory=dict[str, Attempt])  # newest of each container
    prepared: bool = False  # volumes and sandbox are there
    started: frozenset[str] = frozenset()  # running, and the startup probe has passed
    busy: frozenset[str] = frozenset()  # being started or stopped right now
    kills: Mapping[str, Kill] = field(default_factory=dict[str, Kill])
    again: frozenset[str] = frozenset()  # run again whatever the restart policy says
    delayed: Mapping[str, float] = field(default_factory=dict[str, float])  # a start failed: not before this time
    since: Mapping[str, float] = field(default_factory=dict[str, float])  # back-off counts from here, not the last exit
    backoff: Backoff = field(default_factory=Backoff)
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a running container. It gets its signal once all of `after` have ended or the grace is over."""

    container: Container
    id: str
    grace: float
    text: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """Create and start this attempt of a container."""

    container: Container
    number: int


@dataclass(frozen=True, slots=True)
class Actions:
    """What to do now. `start` is in order: the next is begun when the one before is done."""

    prepare: bool = False
    stop: tuple[Stop, ...] = ()
    start: tuple[Start, ...] = ()
    blocked: Mapping[str, float] = field(default_factory=dict[str, float])  # in crash back-off, until when
    outcome: Literal["Succeeded", "Failed"] | None = None  # it ended by itself
    teardown: bool = False  # nothing runs, nothing will
    wake_at: float | None = None


def plan(view: View) -> Actions:
    """Decide the next steps of a pod."""
    if view.ending is not None:
        return _end(view, view.ending.grace)
    outcome = finished(view)
    if outcome:
        return _end(view, grace_seconds(view.pod), outcome)
    stop = _kills(view)
    if not view.prepared:
        return Actions(prepare=True, stop=stop)
    starts = _Starts(view)
    starts.collect()
    wake = min([*starts.blocked.values(), *starts.waits], default=None)
    return Actions(stop=stop, start=tuple(starts.start), blocked=starts.blocked, wake_at=wake)


def finished(view: View) -> Literal["Succeeded", "Failed"] | None:
    """Say how a pod ended whose containers will not run again, None while some may."""
    for c in init_containers(view.pod):
        attempt = view.attempts.get(c.name)
        if c.role is Role.INIT and attempt and _over(view, c, attempt) and attempt.exit_code != 0:
            return "Failed"
    failed = False
    for c in main_containers(view.pod):
        attempt = view.attempts.get(c.name)
        if attempt is None or not _over(view, c, attempt):
            return None
        failed = failed or attempt.exit_code != 0
    return "Failed" if failed else "Succeeded"


def initialized(pod: Pod, attempts: Mapping[str, Attempt]) -> bool:
    """Say whether initialization lies behind: a main container has run."""
    return any(c.name in attempts for c in main_containers(pod))


def _over(view: View, container: Container, attempt: Attempt) -> bool:
    if not attempt.exited or container.name in view.busy or container.name in view.again:
        return False
    return not runs_again(view.pod, container, attempt.exit_code)


def _end(view: View, grace: float, outcome: Literal["Succeeded", "Failed"] | None = None) -> Actions:
    running = [c for c in containers(view.pod) if _runs(view, c.name)]
    stop: list[Stop] = []
    for c in running:
        attempt = view.attempts.get(c.name)
        if attempt and attempt.running and c.name not in view.busy:
            text = f"Stopping container {c.name}"
            stop.append(Stop(c, attempt.id, grace, text, _before(c, running)))
    return Actions(stop=tuple(stop), outcome=outcome, teardown=not running)


def _runs(view: View, name: str) -> bool:
    attempt = view.attempts.get(name)
    return name in view.busy or (attempt is not None and attempt.running)


def _before(container: Container, running: list[Container]) -> tuple[str, ...]:
    """Name those that must end before this container gets its signal."""
    if container.role is not Role.SIDECAR:
        return ()
    names: list[str] = []
    later = False
    for c in running:
        if c.role is Role.MAIN or (c.role is Role.SIDECAR and later):
            names.append(c.name)
        later = later or c.name == container.name
    return tuple(names)


def _kills(view: View) -> tuple[Stop, ...]:
    stop: list[Stop] = []
    for c in containers(view.pod):
        attempt, kill = view.attempts.get(c.name), view.kills.get(c.name)
        if attempt is None or not attempt.running or c.name in view.busy:
            continue
        if kill and kill.attempt == attempt.number:
            grace = grace_seconds(view.pod) if kill.grace is None else kill.grace
            stop.append(Stop(c, attempt.id, grace, kill.text))
    return tuple(stop)


def definition_changes(pod: Pod, attempts: Mapping[str, Attempt]) -> dict[str, Kill]:
    """Find running containers whose image was changed in the spec."""
    found: dict[str, Kill] = {}
    for c in containers(pod):
        attempt = attempts.get(c.name)
        if c.role in (Role.MAIN, Role.SIDECAR) and attempt and attempt.running:
            wanted = c.spec.get("image", "")
            if attempt.image and attempt.image != wanted:
                text = f"Container {c.name} definition changed, will be restarted"
                found[c.name] = Kill(attempt.number, text, again=True)
    return found


class _Starts:
    """Collects what may start now, what is in back-off, and when to look again."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.start: list[Start] = []
        self.blocked: dict[str, float] = {}
        self.waits: list[float] = []

    def collect(self) -> None:
        """Walk the containers in the order they start."""
        view = self.view
        for c in ephemeral_containers(view.pod):
            if c.name not in view.attempts:
                self._try(c, None)
        if self._init():
            for c in main_containers(view.pod):
                attempt = view.attempts.get(c.name)
                if attempt is None or (attempt.exited and self._again(c, attempt)):
                    self._try(c, attempt)

    def _init(self) -> bool:
        """Advance initialization; True when the main containers may start."""
        view = self.view
        done = initialized(view.pod, view.attempts)
        for c in init_containers(view.pod):
            attempt = view.attempts.get(c.name)
            if c.role is Role.SIDECAR:
                if attempt is None or attempt.exited:
                    self._try(c, attempt)
                if not done and (attempt is None or not attempt.running or c.name not in view.started):
                    return False
            elif not done and (attempt is None or not attempt.exited or attempt.exit_code != 0):
                if attempt is None or (attempt.exited and self._again(c, attempt)):
                    self._try(c, attempt)
                return False
            elif not done and c.name in view.busy:
                return False
        return True

    def _again(self, container: Container, attempt: Attempt) -> bool:
        return container.name in self.view.again or runs_again(self.view.pod, container, attempt.exit_code)

    def _try(self, container: Container, last: Attempt | None) -> None:
        view, name = self.view, container.name
        if name in view.busy:
            return
        not_before = view.delayed.get(name, 0.0)
        if not_before > view.now:
            self.waits.append(not_before)
            return
        if last is not None:
            until = view.backoff.until(name, view.since.get(name, last.finished_at))
            if until > view.now:
                self.blocked[name] = until
                return
        self.start.append(Start(container, 0 if last is None else last.number + 1))
