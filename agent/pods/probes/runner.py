"""The probes of one running container: tasks that try, count, and tell the pod's worker what changed.

Liveness and readiness begin when the startup probe has passed. A container that fails startup or liveness is
reported once; the worker kills it, and with it these probes end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from podwright.agent.pods.probes.checks import Outcome, Result, Subject, try_once
from podwright.agent.pods.probes.schedule import FIELDS, Kind, Verdict, turns


class Listener(Protocol):
    """Hears about a container's probes."""

    def probe_changed(self) -> None:
        """`started` or `ready` is another than before."""
        ...

    def probe_failed(self, kind: Kind, probe: Mapping[str, Any]) -> None:
        """The container must be killed."""
        ...

    def probe_result(self, kind: Kind, result: Result) -> None:
        """A counted try did not simply succeed."""
        ...


@dataclass(frozen=True, slots=True)
class Seed:
    """What was known of a container before the agent restarted."""

    started: bool = False
    ready: bool = False


class ContainerProbes:
    """Runs until `close`. `started` and `ready` are always up to date."""

    def __init__(
        self, subject: Subject, started_at: float, now: Callable[[], float], listener: Listener, seed: Seed
    ) -> None:
        self._subject = subject
        self._begun = started_at
        self._now = now
        self._listener = listener
        self._probes = {kind: subject.spec.get(field) for kind, field in FIELDS.items()}
        self.started = not self._probes[Kind.STARTUP] or seed.started
        self._ready = not self._probes[Kind.READINESS] or seed.ready
        self._tasks: dict[Kind, asyncio.Task[None]] = {}
        if not self.started:
            self._run(Kind.STARTUP)
        else:
            self._after_startup()

    @property
    def ready(self) -> bool:
        """Whether the container counts as ready while it runs."""
        return self.started and self._ready

    def spare(self) -> None:
        """Stop what could kill the container: it is being stopped anyway."""
        for kind in (Kind.STARTUP, Kind.LIVENESS):
            self._cancel(kind)

    def close(self) -> None:
        """Stop all tries."""
        for kind in Kind:
            self._cancel(kind)

    def _cancel(self, kind: Kind) -> None:
        task = self._tasks.pop(kind, None)
        if task is not None:
            task.cancel()

    def _run(self, kind: Kind) -> None:
        probe = self._probes[kind]
        if probe:
            name = f"{kind.value} probe {self._subject.container_id}"
            self._tasks[kind] = asyncio.create_task(self._watch(kind, probe), name=name)

    def _after_startup(self) -> None:
        self._run(Kind.LIVENESS)
        self._run(Kind.READINESS)

    async def _watch(self, kind: Kind, probe: Mapping[str, Any]) -> None:
        seed = self._ready if kind is Kind.READINESS else None
        verdict = Verdict.of(kind, probe, passing=seed)
        base = self._now()
        for turn in turns(kind, probe, base - self._begun):
            wait = base + turn.at - self._now()
            if wait < 0:  # the try before took its time: keep the distance from here on
                base -= wait
            await asyncio.sleep(max(wait, 0.0))
            result = await try_once(probe, self._subject)
            if result.outcome is Outcome.UNKNOWN:
                self._listener.probe_result(kind, result)
                continue
            success = result.outcome is not Outcome.FAILURE
            if turn.counts and result.outcome is not Outcome.SUCCESS:
                self._listener.probe_result(kind, result)
            if verdict.add(success=success, counts=turn.counts) and self._settle(kind, probe, passing=success):
                return

    def _settle(self, kind: Kind, probe: Mapping[str, Any], *, passing: bool) -> bool:
        """Act on a changed verdict; True when this probe is done."""
        if kind is Kind.READINESS:
            self._ready = passing
            self._listener.probe_changed()
            return False
        if not passing:
            self._listener.probe_failed(kind, probe)
            return True
        if kind is Kind.STARTUP:
            self.started = True
            self._tasks.pop(kind, None)
            self._after_startup()
            self._listener.probe_changed()
            return True
        return False
