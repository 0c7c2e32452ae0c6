"""What one pod's worker knows: the inputs of the plan and of the status, kept in one place.

Holds no tasks and does no I/O; the worker changes it on its own loop only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from podwright.agent.pods.actions import Actions, Ending, EndingKind, Kill, View, definition_changes
from podwright.agent.pods.attempts import Attempt, History
from podwright.agent.pods.backoff import Backoff, duration
from podwright.agent.pods.container_status import Waiting
from podwright.agent.pods.launch import Prepared
from podwright.agent.pods.ports import ContainerInfo
from podwright.agent.pods.probes.runner import ContainerProbes, Seed
from podwright.agent.pods.resizing import Resize, given
from podwright.agent.pods.spec import JSON, Pod, find, full_name, runs_again, unix
from podwright.agent.pods.status import Facts, build

SHOW_EXIT = 1.0  # seconds for which an exit or a failure is shown before the back-off that follows replaces it
FIRST_KILL = 0.0  # "since" of a container that we stopped and that had never ended before: no back-off at all
DEADLINE_REASON = "DeadlineExceeded"
DEADLINE_TEXT = "Pod was active on the node longer than the specified deadline"


@dataclass(slots=True)
class PodState:
    """One pod as its worker sees it."""

    pod: Pod  # with the resources that this node has granted
    start_time: float
    host_ips: tuple[str, ...]
    history: History = field(default_factory=History)
    wanted: Pod = field(default_factory=dict[str, Any])  # with those that its object asks for
    resize: Resize = field(default_factory=Resize)
    prepared: Prepared | None = None
    ips: tuple[str, ...] = ()
    ending: Ending | None = None
    assumed: bool = False  # adopted: surroundings count as ready until they have been looked at
    over: bool = False  # everything has stopped, and the last status is settled
    failed: tuple[str, str] | None = None
    waiting: dict[str, Waiting] = field(default_factory=dict[str, Waiting])
    later: dict[str, tuple[float, Waiting]] = field(default_factory=dict[str, tuple[float, Waiting]])
    delayed: dict[str, float] = field(default_factory=dict[str, float])
    kills: dict[str, Kill] = field(default_factory=dict[str, Kill])
    again: set[str] = field(default_factory=set[str])
    since: dict[str, float] = field(default_factory=dict[str, float])
    hidden: set[str] = field(default_factory=set[str])  # started, but about to be killed: their hook failed
    killed: set[str] = field(default_factory=set[str])  # stopped by us, not started again yet
    announced: dict[str, int] = field(default_factory=dict[str, int])  # attempt whose back-off was announced
    probes: dict[str, ContainerProbes] = field(default_factory=dict[str, ContainerProbes])
    backoff: Backoff = field(default_factory=Backoff)
    status: JSON = field(default_factory=dict[str, Any])  # the newest one built or recorded
    unseen: list[ContainerInfo] = field(default_factory=list[ContainerInfo])  # ended while no agent looked
    _ended: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    @classmethod
    def begin(cls, pod: Pod, found: Iterable[ContainerInfo], host_ips: tuple[str, ...], now: float) -> PodState:
        """Start from what is recorded and what the host shows."""
        recorded: Mapping[str, Any] = pod.get("status") or {}
        started = unix(recorded["startTime"]) if recorded.get("startTime") else float(int(now))
        state = cls(given(pod), started, host_ips, wanted=pod, status=dict(recorded))
        state.ips = tuple(each["ip"] for each in recorded.get("podIPs") or ())
        conditions = {c["type"]: c["status"] for c in recorded.get("conditions") or ()}
        state.assumed = conditions.get("PodReadyToStartContainers") == "True"
        state.unseen = state.history.restore(pod, found)
        for name, attempt in state.history.all().items():
            state.backoff.restore(name, attempt.number, attempt.started_at or attempt.finished_at)
        return state

    def seed(self, attempt: Attempt) -> Seed:
        """What the recorded status says about an attempt's probes."""
        for key in ("initContainerStatuses", "containerStatuses"):
            for recorded in self.status.get(key) or ():
                if recorded["name"] == attempt.container and recorded.get("containerID", "").endswith(attempt.id):
                    return Seed(bool(recorded.get("started")), bool(recorded.get("ready")))
        return Seed()

    def ended(self, name: str) -> asyncio.Event:
        """The event that is set when the container's present attempt has ended."""
        event = self._ended.setdefault(name, asyncio.Event())
        attempt = self.history.newest(name)
        if attempt is None or attempt.exited:
            event.set()
        return event

    def put(self, attempt: Attempt) -> None:
        """Take in an attempt's new state."""
        self.history.put(attempt)
        if attempt.running:
            self._ended[attempt.container] = asyncio.Event()
        else:
            self.ended(attempt.container)

    def launched(self, name: str) -> None:
        """A container was started: forget why it was not."""
        for known in (self.waiting, self.later, self.delayed, self.kills, self.since):
            known.pop(name, None)
        self.again.discard(name)
        self.killed.discard(name)
        self.resize.actual.pop(name, None)

    def exited(self, attempt: Attempt) -> None:
        """A container ended: decide from where its back-off counts."""
        name = attempt.container
        kill = self.kills.pop(name, None)
        self.hidden.discard(name)
        previous = self.history.newest(name)
        if previous is not None and previous.number == attempt.number:
            previous = self.history.previous(name)
        if kill is not None and kill.attempt == attempt.number:
            if not kill.crash:
                self.killed.add(name)
            if kill.again:
                self.again.add(name)
            # Stopped by us: the time since the exit before counts, so that a probe's kill is no crash loop.
            last = previous.finished_at if previous is not None else FIRST_KILL
            if not kill.crash and self.backoff.until(name, last) <= attempt.finished_at:
                self.since[name] = last
        self.put(attempt)

    def running_probes(self) -> tuple[frozenset[str], frozenset[str]]:
        """Names of running containers that have started, and of those that are ready."""
        running = {name for name, attempt in self.history.all().items() if attempt.running}
        started = frozenset(n for n in running if n not in self.probes or self.probes[n].started)
        return started, frozenset(n for n in running if n not in self.probes or self.probes[n].ready)

    def view(self, now: float, busy: frozenset[str]) -> View:
        """The plan's input."""
        attempts = self.history.all()
        return View(
            pod=self.pod, now=now, attempts=attempts, prepared=self.prepared is not None,
            started=self.running_probes()[0], busy=busy, kills={**definition_changes(self.pod, attempts), **self.kills},
            again=frozenset(self.again), delayed=self.delayed, since=self.since, backoff=self.backoff,
            ending=self.ending,
        )  # fmt: skip

    def build_status(self, now: float, *, over: bool) -> JSON:
        """Build the status as of now."""
        started, ready = self.running_probes()
        may_start = self.ending is None and not over
        history = self.history.without(self.hidden) if self.hidden else self.history
        facts = Facts(
            pod=self.pod, now=now, start_time=self.start_time, history=history, host_ips=self.host_ips,
            ips=self.ips, waiting=self._shown_waiting() if may_start else {}, started=started, ready=ready,
            ready_to_start=self.assumed or self.prepared is not None, over=over, failed=self.failed, old=self.status,
            resize=self.resize,
        )  # fmt: skip
        return build(facts)

    def _shown_waiting(self) -> dict[str, Waiting]:
        """Why containers wait, of those that will be started."""
        shown: dict[str, Waiting] = {}
        for name, waiting in self.waiting.items():
            attempt, container = self.history.newest(name), find(self.pod, name)
            ended = attempt is not None and attempt.exited and name not in self.again
            if container and (not ended or (attempt and runs_again(self.pod, container, attempt.exit_code))):
                shown[name] = waiting
        return shown

    def announce(self, actions: Actions, now: float) -> list[str]:
        """Note new back-offs; returns the names of the containers to tell people about."""
        fresh: list[str] = []
        for name in actions.blocked:
            attempt = self.history.newest(name)
            if attempt is None or self.announced.get(name) == attempt.number:
                continue
            self.announced[name] = attempt.number
            delay = duration(self.backoff.delay(name, self.since.get(name, attempt.finished_at)))
            text = f"back-off {delay} restarting failed container={name} pod={full_name(self.pod)}"
            shown = now if name in self.killed else now + SHOW_EXIT
            self.later[name] = (shown, Waiting("CrashLoopBackOff", text))
            fresh.append(name)
        return fresh

    def switch_waiting(self, now: float) -> float | None:
        """Show back-offs whose moment has come; returns when the next one does."""
        for name, (at, waiting) in list(self.later.items()):
            if at <= now:
                self.waiting[name] = waiting
                del self.later[name]
        return min((at for at, _ in self.later.values()), default=None)

    def end(self, kind: EndingKind, grace: float) -> None:
        """Make the pod end. A deletion overrides reasons of the pod's own; a grace only ever shrinks."""
        if self.ending is not None:
            grace = min(grace, self.ending.grace)
            if self.ending.kind in (EndingKind.REMOVED, EndingKind.DELETED) and kind is not EndingKind.REMOVED:
                kind = self.ending.kind
        self.ending = Ending(kind, grace)

    def config_changed(self) -> None:
        """Something that containers wait for may be there now: try them at once."""
        for name in list(self.delayed):
            waiting = self.waiting.get(name)
            if waiting and waiting.reason == "CreateContainerConfigError":
                del self.delayed[name]

    def watches(self, name: str) -> bool:
        """Say whether a container's probes are to be run."""
        container = find(self.pod, name)
        return container is not None and any(key.endswith("Probe") for key in container.spec)
