"""One pod's worker: compares what is wanted with what is there, and has done what the plan says, again and again.

Level-triggered: every input (a new version of the pod, a container's exit, a probe, an object, time) only wakes the
loop; the loop looks at the whole state. Nothing here waits for anything but the next wake-up: slow work runs as jobs.
The worker's end (of the agent, or of the pod) cancels its jobs and leaves containers alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from podwright.agent.pods import teardown
from podwright.agent.pods.actions import Actions, EndingKind, Kill, Start, Stop, plan
from podwright.agent.pods.attempts import Attempt, from_info
from podwright.agent.pods.backoff import Backoff
from podwright.agent.pods.container_status import Waiting
from podwright.agent.pods.holding import Hold
from podwright.agent.pods.host import Host
from podwright.agent.pods.jobs import Jobs
from podwright.agent.pods.launch import Launched, Launcher, container_id
from podwright.agent.pods.ports import ContainerInfo, ContainerState, HostError
from podwright.agent.pods.prepare import prepare
from podwright.agent.pods.probes.checks import Subject
from podwright.agent.pods.probes.listener import ProbeListener
from podwright.agent.pods.probes.runner import ContainerProbes, Seed
from podwright.agent.pods.probes.schedule import Kind
from podwright.agent.pods.pull import RETRY_SECONDS, Puller, StartError
from podwright.agent.pods.resizer import Resizer
from podwright.agent.pods.spec import (
    JSON,
    Container,
    Pod,
    Role,
    containers,
    deadline,
    find,
    full_name,
    generation,
    grace_seconds,
    is_deleted,
    is_terminal,
    ref,
    restart_policy,
    rfc3339,
)
from podwright.agent.pods.state import DEADLINE_REASON, DEADLINE_TEXT, FIRST_KILL, PodState
from podwright.agent.pods.stopping import Deadline, Stopper
from podwright.agent.pods.termination import message

log = logging.getLogger(__name__)
_EPSILON = 0.001
_RETRY_TEARDOWN = 2.0


class PodWorker:
    """Runs one pod until nothing of it is left, or the agent ends."""

    def __init__(
        self, host: Host, pod: Pod, found: Sequence[ContainerInfo] = (), *, settled: JSON | None = None
    ) -> None:
        self.host = host
        self.ref = ref(pod)
        self.finished = False  # nothing of the pod is left here
        self._state = PodState.begin(pod, found, host.settings.host_ips, host.now())
        self._ids = {info.id for info in found}  # every container that may be on the host
        self._wake = asyncio.Event()
        self._jobs = Jobs(full_name(pod), host.now, self.poke)
        self._launcher = Launcher(host, Puller(host.images, host.objects, host.events, host.now, Backoff()))
        self._stopper = Stopper(host, self._state.ended)
        self._prepare_backoff = Backoff(0.5, 122.0)
        self._hold = Hold()
        self._resizer = Resizer(host, self._state)
        self._launching: Start | None = None
        self._abandoned: list[Start] = []  # their launch was cancelled half-way
        self._missed: set[str] = set()  # changed while they were being started
        self._grace: Deadline | None = None
        self._stops: dict[str, Deadline] = {}
        self._torn_down: EndingKind | None = None
        self._settle(settled or (pod.get("status") if _terminal(pod.get("status")) else None))

    def _settle(self, status: Mapping[str, Any] | None) -> None:
        """A pod that had ended before stays ended: only what is left of it is removed."""
        if status is not None:
            self._state.status = dict(status)
            self._state.over = True
            self._state.end(EndingKind.FINISHED, 0.0)
            if not _terminal(self._state.pod.get("status")):
                self.host.reports.status(self.ref, dict(status))

    # ---- inputs ------------------------------------------------------------------------------------------------

    def poke(self) -> None:
        """Have the loop look again."""
        self._wake.set()

    def update(self, pod: Pod) -> None:
        """Take in a new version of the pod."""
        old = self._state.pod["metadata"]
        self._resizer.take(pod)
        if any(old.get(key) != pod["metadata"].get(key) for key in ("labels", "annotations")):
            self.refresh()
        self.poke()

    @property
    def counts(self) -> bool:
        """Whether the pod takes room on the node; one whose object is gone does not: its room was given away."""
        ending = self._state.ending
        return not (self._state.over or is_terminal(self.pod) or (ending and ending.kind is EndingKind.REMOVED))

    def remove(self) -> None:
        """The object is gone: everything of the pod must go."""
        grace = grace_seconds(self._state.pod) if is_deleted(self._state.pod) else 0.0
        self._state.end(EndingKind.REMOVED, grace)
        self.poke()

    def refresh(self) -> None:
        """Objects that the pod uses may have changed: bring its volumes up to date, try again what failed for them."""
        self._state.config_changed()
        self._jobs.release("prepare")
        self._prepare_backoff.forget("prepare")
        self.renew()
        self.poke()

    def renew(self) -> None:
        """Write the volumes' content again: what is in them runs out."""
        if self._state.prepared is not None and self._state.ending is None:
            self._jobs.start("refresh", self._refresh)

    def container_changed(self, info: ContainerInfo) -> None:
        """The host saw a change of one of the pod's containers."""
        known = self._state.history.by_id(info.id)
        if known is None:
            self._missed.add(info.id)
        if known is None or known.exited or info.state in (ContainerState.RUNNING, ContainerState.CREATED):
            return
        self._jobs.start(f"exit:{info.name}", partial(self._exited, info))

    def running(self, container: str) -> Attempt | None:
        """The attempt of a container that runs now."""
        attempt = self._state.history.newest(container)
        return attempt if attempt and attempt.running else None

    @property
    def pod(self) -> Pod:
        """The newest version of the pod known here."""
        return self._state.pod

    @property
    def state(self) -> PodState:
        """What the worker knows (read only for others)."""
        return self._state

    # ---- the loop ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until the pod is gone; cancel to stop earlier."""
        while self._state.unseen:
            await self._exited(self._state.unseen.pop())
        for attempt in self._state.history.all().values():
            if attempt.running:
                self._watch(attempt, self._state.seed(attempt))
        try:
            while not self.finished:
                self._wake.clear()
                wake_at = self._step()
                timeout = None if wake_at is None else max(wake_at - self.host.now(), 0.0) + _EPSILON
                with contextlib.suppress(TimeoutError):
                    # Not wait_for: it loses a cancellation that comes in the moment the event is set (Python 3.11).
                    async with asyncio.timeout(timeout):
                        await self._wake.wait()
        finally:
            for probes in self._state.probes.values():
                probes.close()
            await self._jobs.close()

    def _step(self) -> float | None:
        """Look, decide, begin; returns when to look again without being woken."""
        now, state = self.host.now(), self._state
        wakes = [self._check_end(now), self._resizer.look(now)]
        if self._resizer.due(now):
            self._jobs.start("resize", self._resizer.carry_out)
        while self._abandoned:
            start = self._abandoned.pop()
            self._jobs.start(f"abandon:{start.container.name}", partial(self._look_after, start))
        view = state.view(now, self._busy())
        actions = plan(view)
        wakes.append(actions.wake_at)
        following = self._following(actions)
        held = self._held(now, actions, following)
        for stop in actions.stop:
            self._begin_stop(stop, view.kills.get(stop.container.name))
        if state.ending is not None or actions.outcome:
            self._jobs.cancel("launch")
        elif actions.prepare:
            self._jobs.start("prepare", self._prepare)
        elif following is not None:
            self._begin_start(following)
        for name in state.announce(actions, now):
            text = f"Back-off restarting failed container {name} in pod {full_name(state.pod)}"
            self.host.events.warning(state.pod, "BackOff", text, find(state.pod, name))
        wakes.append(state.switch_waiting(now))
        if held is None:
            self._publish(now)
        wakes.append(held)
        if actions.teardown:
            self._begin_teardown()
        wakes.append(self._jobs.next_release())
        return min((at for at in wakes if at is not None), default=None)

    def _following(self, actions: Actions) -> Start | None:
        """The container whose turn it is: one that keeps ending does not hold the others up."""
        if not actions.start or self._launching is not None:
            return None
        return actions.start[self._hold.choose([start.container.name for start in actions.start])]

    def _held(self, now: float, actions: Actions, following: Start | None) -> float | None:
        """Until when the status is kept back."""
        state = self._state
        going_on = state.ending is None and not actions.outcome
        changing = bool(state.hidden) or not state.killed.isdisjoint(self._busy())
        starting = bool(actions.start) or self._launching is not None or changing
        name = following.container.name if following is not None else ""
        return self._hold.until(now, starting=going_on and starting, following=name)

    def _busy(self) -> frozenset[str]:
        names = {key.partition(":")[2] for key in self._jobs.running() if ":" in key}
        if self._launching is not None:
            names.add(self._launching.container.name)
        return frozenset(names)

    def _check_end(self, now: float) -> float | None:
        """Notice that the pod must end; returns when its own deadline will be over."""
        state = self._state
        if is_deleted(state.pod):
            state.end(EndingKind.DELETED, grace_seconds(state.pod))
        if state.ending is not None:
            self._limit(now + max(state.ending.grace, 0.0))
            return None
        recorded = {**state.pod, "status": {"startTime": rfc3339(state.start_time)}}
        at = deadline(recorded)
        if at is not None and at <= now:
            state.failed = (DEADLINE_REASON, DEADLINE_TEXT)
            state.end(EndingKind.DEADLINE, grace_seconds(state.pod))
            self.host.events.normal(state.pod, DEADLINE_REASON, DEADLINE_TEXT)
            return now
        return at

    def _limit(self, at: float) -> None:
        if self._grace is None:
            self._grace = Deadline(at)
            for probes in self._state.probes.values():
                probes.spare()
        for each in (self._grace, *self._stops.values()):
            each.shorten(at)

    def _publish(self, now: float) -> None:
        state = self._state
        if state.over or (state.ending is not None and not self._tells(state.ending.kind)):
            return
        self._report(state.build_status(now, over=False))

    def _tells(self, kind: EndingKind) -> bool:
        """Whether a pod that is made to end has something to report before its last status."""
        state = self._state
        if kind is EndingKind.DELETED and state.status.get("observedGeneration") != generation(state.pod):
            return True  # the deletion has not been answered yet
        return kind is not EndingKind.REMOVED and any(a.running for a in state.history.all().values())

    def _report(self, status: JSON) -> None:
        if status != self._state.status:
            self._state.status = status
            self.host.reports.status(self.ref, status)

    # ---- starting ----------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        state = self._state
        try:
            state.prepared = await prepare(self.host, state.pod)
            state.ips = self.host.ips(state.pod, state.prepared.sandbox.ips)
            self.host.sandboxes_changed()
        except HostError as e:
            text = e.message if e.reason == "FailedMount" else f"Failed to create pod sandbox: {e.message}"
            self.host.events.warning(state.pod, e.reason, text)
            now = self.host.now()
            # What this node never can is asked again all the same: another agent may be started on it.
            delay = self._prepare_backoff.step("prepare", now) if e.retry else RETRY_SECONDS
            self._jobs.hold("prepare", now + delay)
        state.assumed = False

    async def _refresh(self) -> None:
        state = self._state
        try:
            volumes = await self.host.volumes.ensure(state.pod)
        except HostError as e:
            self.host.events.warning(state.pod, e.reason, e.message)
            return
        if state.prepared is not None:
            state.prepared = replace(state.prepared, volumes=volumes)

    def _begin_start(self, start: Start) -> None:
        if self._launching is None and self._jobs.start("launch", partial(self._launch, start)):
            self._launching = start
            self._ids.add(container_id(self.ref.uid, start.container.name, start.number))

    async def _launch(self, start: Start) -> None:
        state, container = self._state, start.container
        assert state.prepared is not None
        try:
            if start.number and state.since.get(container.name) != FIRST_KILL:
                state.backoff.step(container.name, self.host.now())
            launched = await self._launcher.launch(state.pod, container, start.number, state.prepared)
            await self._started(container, launched)
        except StartError as e:
            self._not_started(container, e)
        except asyncio.CancelledError:
            self._abandoned.append(start)
            raise
        finally:
            self._launching = None

    async def _started(self, container: Container, launched: Launched) -> None:
        state, attempt, name = self._state, launched.attempt, container.name
        old = state.history.previous(name)
        state.launched(name)
        if launched.waiting is not None:
            state.waiting[name] = launched.waiting
            if attempt.running:
                state.kills[name] = Kill(attempt.number, "FailedPostStartHook", crash=True)
                state.hidden.add(name)
                self._hold.begin(self.host.now())
        info = launched.info
        if attempt.id in self._missed:
            self._missed.discard(attempt.id)
            info = await self.host.runtime.inspect(attempt.id)
        if info is not None and info.state in (ContainerState.EXITED, ContainerState.LOST):
            await self._exited(info)
        else:
            state.put(attempt)
        if attempt.running and launched.waiting is None:
            self._watch(attempt, Seed())
            if container.role is Role.SIDECAR:
                self._hold.end()
        if old is not None:
            self._ids.discard(old.id)
            self._jobs.start("sweep", partial(teardown.sweep, self.host, self.ref.uid, old))

    def _not_started(self, container: Container, error: StartError) -> None:
        state, events, now = self._state, self.host.events, self.host.now()
        name = container.name
        events.warning(state.pod, "Failed", f"Error: {error.event}", container)
        state.waiting[name] = Waiting(error.reason, error.message)
        state.delayed[name] = now + error.retry
        if error.later is not None:
            text = f'Back-off pulling image "{container.spec.get("image", "")}"'
            events.normal(state.pod, "BackOff", text, container)
            events.warning(state.pod, "Failed", f"Error: {error.later.reason}", container)
            state.later[name] = (now + 1.0, error.later)

    async def _look_after(self, start: Start) -> None:
        """See what became of a container whose start was cancelled."""
        cid = container_id(self.ref.uid, start.container.name, start.number)
        info = await self.host.runtime.inspect(cid)
        if info is not None and info.state in (ContainerState.RUNNING, ContainerState.EXITED):
            self._state.put(from_info(info))
        else:
            await self.host.runtime.remove(cid)

    # ---- probes ------------------------------------------------------------------------------------------------

    def _watch(self, attempt: Attempt, seed: Seed) -> None:
        state, name = self._state, attempt.container
        container = find(state.pod, name)
        if container is None or container.role not in (Role.MAIN, Role.SIDECAR) or not state.watches(name):
            return
        ip = (state.ips or self.host.ips(state.pod, ()) or ("127.0.0.1",))[0]
        subject = Subject(self.host.runtime, attempt.id, container.spec, ip)
        listener = ProbeListener(self, container, attempt)
        state.probes[name] = ContainerProbes(subject, attempt.started_at, self.host.now, listener, seed)

    def kill(self, container: Container, attempt: Attempt, kind: Kind, grace: float | None) -> None:
        """A probe says that a container must not go on."""
        policy = "Always" if container.role is Role.SIDECAR else restart_policy(self._state.pod)
        what = "Init container" if container.role is Role.SIDECAR else "Container"
        text = f"{what} {container.name} failed {kind.value.lower()} probe"
        if container.role is not Role.SIDECAR:
            text = f"{text}, will be restarted" if policy != "Never" else f"Stopping container {container.name}"
        self._state.kills[container.name] = Kill(attempt.number, text, grace)
        self.poke()

    # ---- stopping ----------------------------------------------------------------------------------------------

    def _begin_stop(self, stop: Stop, kill: Kill | None) -> None:
        name = stop.container.name
        if kill is not None and self._state.ending is None:
            self._state.kills[name] = kill
        if self._grace is not None:
            limit = self._grace
        else:
            limit = self._stops[name] = Deadline(self.host.now() + stop.grace)
        attempt = self._state.history.newest(name)
        signal = attempt.stop_signal if attempt else ""
        ip = self._state.ips[0] if self._state.ips else "127.0.0.1"
        stopping = partial(self._stopper.stop, self._state.pod, stop, limit, ip, signal=signal)
        self._jobs.start(f"stop:{name}", stopping)

    async def _exited(self, info: ContainerInfo) -> None:
        """Take in a container's end together with its last words."""
        state, name = self._state, info.name
        attempt = from_info(info)
        container = find(state.pod, name)
        if info.state is ContainerState.LOST:
            await self.host.runtime.remove(info.id)
            attempt = replace(attempt, finished_at=attempt.finished_at or self.host.now())
        elif container is not None:
            text = await self._last_words(container, attempt, info.log_path)
            attempt = replace(attempt, message=text)
        probes = state.probes.pop(name, None)
        if probes is not None:
            probes.close()
        self._stops.pop(name, None)
        state.exited(attempt)
        if name in state.killed:
            self._hold.begin(self.host.now())

    def _last_words(self, container: Container, attempt: Attempt, log_path: str) -> Coroutine[Any, Any, str]:
        pod = self._state.pod
        file = teardown.files_of(self.host, self.ref.uid).termination_log(container.name, attempt.number)
        count = len(containers(pod))
        return asyncio.to_thread(message, container.spec, count, attempt.exit_code, file, log_path)

    def _begin_teardown(self) -> None:
        state = self._state
        kind = state.ending.kind if state.ending else EndingKind.FINISHED
        unsettled = any(key in self._jobs for key in ("launch", "prepare", "refresh"))
        if kind is not self._torn_down and not unsettled:
            self._jobs.start("teardown", partial(self._tear_down, kind))

    async def _tear_down(self, kind: EndingKind) -> None:
        """Nothing runs any more: settle the last status, then remove everything the pod has here."""
        state, host, uid = self._state, self.host, self.ref.uid
        try:
            last = None if state.over or kind is EndingKind.REMOVED else state.build_status(host.now(), over=True)
            if last is not None:
                await teardown.keep_status(host, uid, last)
            await teardown.remove_sandbox(host, uid, self._ids)
            if last is not None:
                state.over = True
                self._report(last)
            self.host.sandboxes_changed()
            if state.ending is None:
                state.end(EndingKind.FINISHED, 0.0)
            await host.volumes.remove(uid)
            if kind in (EndingKind.DELETED, EndingKind.REMOVED):
                await teardown.remove_folder(host, uid)
        except HostError as e:
            log.warning("Cannot take pod %s apart: %s", full_name(state.pod), e)
            self._jobs.hold("teardown", host.now() + _RETRY_TEARDOWN)
            return
        self._torn_down = kind
        if kind is EndingKind.DELETED:
            host.reports.gone(self.ref)
        self.finished = kind in (EndingKind.DELETED, EndingKind.REMOVED)


def _terminal(status: Mapping[str, Any] | None) -> bool:
    return bool(status) and status.get("phase") in ("Succeeded", "Failed")
