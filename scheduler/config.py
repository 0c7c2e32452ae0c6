"""The scheduler's settings, parsed once by whoever starts it and passed explicitly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerConfig:
    """Durations are seconds."""

    seed: int = 0
    """Fixes the order among nodes that are equally good."""
    bindings: int = 64
    """Bindings on their way at the same time; the store commits those that wait together in one go."""
    reports: int = 4
    """Refusals being reported at the same time."""
    evictions: int = 4
    """Evictions of displaced pods on their way at the same time."""
    instance: str = "default-scheduler"
    """What events name as the reporting instance."""
    events_buffer: int = 4096
    """Events that may wait to be sent; the oldest is dropped first."""
    events_quiet: float = 0.05
    """Events give way to bindings: they are sent when none was made for this long, ..."""
    events_patience: float = 5.0
    """... or when they have waited for this long."""
