"""How long policies may take about one write, and that others get their turn meanwhile."""

from __future__ import annotations

import asyncio
import time
from typing import Final

_SECONDS: Final = 5.0
_TURN: Final = 0.01


class TimeGiven:
    """The time for all policies of a kind, from now on."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._since = time.monotonic()
        self._until = self._since + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; negative when there are none."""
        return self._until - time.monotonic()

    async def share(self) -> None:
        """Let others run, if it was long since they did."""
        if time.monotonic() - self._since > _TURN:
            await asyncio.sleep(0)
            self._since = time.monotonic()
