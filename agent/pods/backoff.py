"""How long to wait before trying again: doubling delays that are forgotten after a long quiet time.

Restarts: at once the first time, then 10 s, doubling to 300 s, counted from the last exit; forgotten when a container
ran for twice the longest delay. Pulls: 10 s to 300 s, counted from the last failure. Volumes: 0.5 s to 122 s.
Times are Unix seconds and inputs: nothing here reads a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Entry:
    delay: float
    updated: float


@dataclass(slots=True)
class Backoff:
    """Delays by key. The caller owns the keys' life: `forget` what is gone."""

    first: float = 10.0
    longest: float = 300.0
    _entries: dict[str, _Entry] = field(default_factory=dict[str, _Entry])

    def delay(self, key: str, since: float) -> float:
        """Seconds to wait counted from `since`; 0 when nothing has happened lately."""
        entry = self._entries.get(key)
        if entry is None or self._expired(entry, since):
            return 0.0
        return entry.delay

    def until(self, key: str, since: float) -> float:
        """Unix time at which the key may be tried again."""
        return since + self.delay(key, since)

    def step(self, key: str, now: float) -> float:
        """Note a try at `now` and return the delay that holds from here on."""
        entry = self._entries.get(key)
        if entry is None or self._expired(entry, now):
            entry = self._entries[key] = _Entry(self.first, now)
        else:
            entry.delay = min(entry.delay * 2, self.longest)
            entry.updated = now
        return entry.delay

    def restore(self, key: str, tries: int, updated: float) -> None:
        """Take over a count from before a restart of the agent: `tries` restarts, the last at `updated`."""
        if tries > 0:
            self._entries[key] = _Entry(min(self.first * 2 ** min(tries - 1, 16), self.longest), updated)

    def forget(self, key: str) -> None:
        """Start over for this key."""
        self._entries.pop(key, None)

    def _expired(self, entry: _Entry, moment: float) -> bool:
        return moment - entry.updated > 2 * self.longest


def duration(seconds: float) -> str:
    """Write a duration as people of the field read it: 10s, 1m20s, 5m0s."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60}s"
    return f"{whole // 3600}h{whole % 3600 // 60}m{whole % 60}s"
