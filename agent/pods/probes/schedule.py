"""When a probe is tried and what a row of results means: pure.

The first try comes after initialDelaySeconds; without one, after a period for liveness, and at once for readiness and
startup, whose early tries (spaced from 0.1 s, doubling; a command only once) may pass but do not count as failures:
a server that is up after half a second is ready then, not ten seconds later.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_FIRST_GAP = 0.1


class Kind(enum.Enum):
    """Which question a probe answers."""

    STARTUP = "Startup"
    LIVENESS = "Liveness"
    READINESS = "Readiness"


FIELDS = {Kind.STARTUP: "startupProbe", Kind.LIVENESS: "livenessProbe", Kind.READINESS: "readinessProbe"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One try: when, in seconds from now, and whether a failure counts."""

    at: float
    counts: bool


def turns(kind: Kind, probe: Mapping[str, Any], elapsed: float) -> Iterator[Turn]:
    """Yield the times of all tries, without end, for a container that was started `elapsed` seconds ago."""
    period = float(probe.get("periodSeconds") or 10)
    delay = float(probe.get("initialDelaySeconds") or 0)
    first = max((delay or period) - elapsed, 0.0)
    if kind is not Kind.LIVENESS and not delay:
        yield Turn(0.0, counts=False)
        at = gap = _FIRST_GAP
        while "exec" not in probe and at < period:
            yield Turn(at, counts=False)
            gap *= 2
            at += gap
        first = period
    at = first
    while True:
        yield Turn(at, counts=True)
        at += period


@dataclass(slots=True)
class Verdict:
    """Turns single results into passing or failing, by the probe's thresholds."""

    failures: int
    successes: int
    passing: bool | None
    _row: int = 0
    _last: bool | None = None

    @classmethod
    def of(cls, kind: Kind, probe: Mapping[str, Any], *, passing: bool | None = None) -> Verdict:
        """Begin: liveness passes, readiness does not, startup is open."""
        first = {Kind.LIVENESS: True, Kind.READINESS: False, Kind.STARTUP: None}[kind]
        failures = int(probe.get("failureThreshold") or 3)
        return cls(failures, int(probe.get("successThreshold") or 1), first if passing is None else passing)

    def add(self, *, success: bool, counts: bool = True) -> bool:
        """Take a result in; True when it changed the verdict."""
        if not success and not counts:
            return False
        self._row = self._row + 1 if success == self._last else 1
        self._last = success
        if self._row < (self.successes if success else self.failures) or self.passing is success:
            return False
        self.passing = success
        return True
