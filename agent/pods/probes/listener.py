"""Carries what one container's probes say to its pod's worker, and to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from podwright.agent.pods.attempts import Attempt
from podwright.agent.pods.host import Host
from podwright.agent.pods.probes.checks import Outcome, Result
from podwright.agent.pods.probes.schedule import Kind
from podwright.agent.pods.spec import Container, Pod


class Worker(Protocol):
    """What a listener needs of the pod's worker."""

    host: Host

    @property
    def pod(self) -> Pod:
        """The newest version of the pod."""
        ...

    def poke(self) -> None:
        """Have the worker look again."""
        ...

    def kill(self, container: Container, attempt: Attempt, kind: Kind, grace: float | None) -> None:
        """A container must not go on."""
        ...


class ProbeListener:
    """Listens to one attempt of one container."""

    def __init__(self, worker: Worker, container: Container, attempt: Attempt) -> None:
        self._worker = worker
        self._container = container
        self._attempt = attempt

    def probe_changed(self) -> None:
        """The container counts as started or ready now, or no longer."""
        self._worker.poke()

    def probe_failed(self, kind: Kind, probe: Mapping[str, Any]) -> None:
        """Have the container killed."""
        own = probe.get("terminationGracePeriodSeconds")
        self._worker.kill(self._container, self._attempt, kind, None if own is None else float(own))

    def probe_result(self, kind: Kind, result: Result) -> None:
        """Tell people of a try that did not simply succeed."""
        events, pod = self._worker.host.events, self._worker.pod
        if result.outcome is Outcome.WARNING:
            text = f"{kind.value} probe warning: {result.message}"
            events.warning(pod, "ProbeWarning", text, self._container)
        elif result.outcome is Outcome.UNKNOWN:
            text = f"{kind.value} probe errored and resulted in unknown state: {result.message}"
            events.warning(pod, "Unhealthy", text, self._container)
        else:
            text = f"{kind.value} probe failed: {result.message}"
            events.warning(pod, "Unhealthy", text, self._container)
