"""Keeping back what a pod looks like half-way through a round of starts.

People and controllers see a pod before a round and after it: several containers that come up together show as one
step, and a container that a probe had killed goes from one run to the next without a moment in which it is down. In
one round each container is started once; starting it again begins the next. A round that drags on is shown as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST = 1.0  # seconds


@dataclass(slots=True)
class Hold:
    """Whether the status may be told now. Reads no clock."""

    _since: float | None = None
    _tried: set[str] = field(default_factory=set[str])

    def begin(self, now: float) -> None:
        """A round has begun although nothing is being started yet."""
        if self._since is None:
            self._since = now

    def end(self) -> None:
        """The round is over, whatever is started next: a sidecar is seen before those that waited for it."""
        self._since = None
        self._tried.clear()

    def choose(self, names: Sequence[str]) -> int:
        """Return which of those that may be started is next: one that was not started in this round, if any."""
        return next((index for index, name in enumerate(names) if name not in self._tried), 0)

    def until(self, now: float, *, starting: bool, following: str = "") -> float | None:
        """Return None when to tell it now, else when to look again.

        `starting`: a container is being started or will be at once; `following`: the one whose turn it is.
        """
        if not starting:
            self.end()
            return None
        fresh = self._since is None or following in self._tried
        if fresh:
            self._since = now
            self._tried.clear()
        if following:
            self._tried.add(following)
        end = (self._since or now) + LONGEST
        return None if fresh or end <= now else end
