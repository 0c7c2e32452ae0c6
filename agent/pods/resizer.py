"""Resizes one running pod in place: asks the node for room, changes the cgroups, tells people.

What is granted shows first (allocatedResources, PodResizeInProgress), what was given after that. Memory that cannot be
taken away now is tried again; a container that wants to be started anew for it is stopped and comes back with it.
"""

from __future__ import annotations

from podwright.agent.pods.actions import Kill
from podwright.agent.pods.host import Host
from podwright.agent.pods.ports import HostError
from podwright.agent.pods.resizing import (
    DEFERRED,
    Pending,
    changes,
    describe,
    needs_restart,
    resizable,
    same,
    widest,
    with_grants,
)
from podwright.agent.pods.resources import container_limits, pod_limits
from podwright.agent.pods.spec import Pod, ref
from podwright.agent.pods.state import PodState

_AGAIN = 5.0  # seconds until the node is asked again for room, or the kernel for memory


class Resizer:
    """Belongs to one pod's worker, which calls it from its loop."""

    def __init__(self, host: Host, state: PodState) -> None:
        self._host = host
        self._state = state
        self._ask_at = 0.0
        self._try_at = 0.0
        self._told: tuple[object, str] | None = None  # the refusal that was announced last

    def take(self, pod: Pod) -> None:
        """Take in a new version of the pod; what is granted stays until the node has been asked."""
        state = self._state
        if not same(state.wanted, pod):
            self._ask_at = 0.0
        state.wanted = pod
        state.pod = with_grants(pod, state.pod)

    def look(self, now: float) -> float | None:
        """Grant what is wanted if the node has room, say when all is done; returns when to look again."""
        resize = self._state.resize
        if resize.announced and not resize.going_on:
            resize.announced = False
            text = f"Pod resize completed: {describe(self._state.pod)}"
            self._host.events.normal(self._state.pod, "ResizeCompleted", text)
        if self._state.ending is not None or same(self._state.pod, self._state.wanted):
            resize.pending = None
        elif self._ask_at <= now:
            refusal = self._host.resize_refusal(self._state.wanted)
            if refusal is None:
                self._grant()
            else:
                self._refuse(refusal)
                self._ask_at = now + _AGAIN
        waits = ([self._ask_at] if resize.pending else []) + ([self._try_at] if resize.before else [])
        return min((at for at in waits if at > now), default=None)

    def due(self, now: float) -> bool:
        """Whether cgroups must be changed now."""
        state = self._state
        return state.resize.before is not None and state.prepared is not None and self._try_at <= now

    async def carry_out(self) -> None:
        """Give the running containers what was granted, the pod's own cgroup wide enough all the while."""
        state, host = self._state, self._host
        pod, before = state.pod, state.resize.before
        assert before is not None, "called when due"
        limits = pod_limits(pod)
        try:
            await host.sandboxes.set_limits(ref(pod).uid, widest(before, limits))
            for container in resizable(pod):
                await self._give(pod, container.name)
            await host.sandboxes.set_limits(ref(pod).uid, limits)
        except HostError as error:
            state.resize.error = error.message
            self._try_at = host.now() + _AGAIN
            return
        state.resize.error = ""
        if state.pod is pod or same(state.pod, pod):
            state.resize.before = None

    async def _give(self, pod: Pod, name: str) -> None:
        state = self._state
        container = next(c for c in resizable(pod) if c.name == name)
        old, attempt = state.resize.actual.get(name), state.history.newest(name)
        if old is not None and attempt is not None and attempt.running:
            if needs_restart(container, old):
                state.kills[name] = Kill(attempt.number, f"Container {name} resize requires restart", again=True)
                return
            await self._host.runtime.set_limits(attempt.id, container_limits(container.spec))
        state.resize.actual.pop(name, None)

    def _grant(self) -> None:
        state = self._state
        running = {name for name, attempt in state.history.all().items() if attempt.running}
        for name, old in changes(state.pod, state.wanted).items():
            if name in running:
                state.resize.actual.setdefault(name, old)
        limits = pod_limits(state.pod)
        state.resize.before = widest(limits, state.resize.before or limits)
        state.resize.pending = None
        state.pod = state.wanted
        if running:
            state.resize.announced = True
            self._host.events.normal(state.pod, "ResizeStarted", f"Pod resize started: {describe(state.pod)}")

    def _refuse(self, refusal: Pending) -> None:
        state = self._state
        state.resize.pending = refusal
        told = (state.wanted["metadata"].get("generation"), refusal.reason)
        if told == self._told:
            return
        self._told = told
        tell = self._host.events.normal if refusal.reason == DEFERRED else self._host.events.warning
        text = f"Pod resize {refusal.reason.lower()}: {describe(state.wanted, refusal.message)}"
        tell(state.wanted, f"Resize{refusal.reason}", text)
