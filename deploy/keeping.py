"""Keeps a part of the control plane running: one that fails is begun anew, sooner when it had worked for a while.

Parts are level-triggered: a new beginning loses nothing but time. Only cancelling ends this.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from podwright.client.backoff import Backoff
from podwright.client.clock import Clock

log = logging.getLogger(__name__)
GOOD_SECONDS = 60.0
"""How long a part must have run for its next failure to count as the first."""


async def keep(name: str, part: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run `part` until cancelled, again and again."""
    pauses = Backoff(first=0.1, limit=5.0, jitter=0.0)
    while True:
        begun = clock.monotonic()
        failure: Exception | None = None
        try:
            await part()
        except Exception as error:  # noqa: BLE001 - whatever it is, the part must go on, and it is logged below
            failure = error
        if clock.monotonic() - begun >= GOOD_SECONDS:
            pauses.reset()
        wait = pauses.next()
        if failure is not None:
            log.error("Cannot go on with %s, starting it anew in %.1f s", name, wait, exc_info=failure)
        await clock.sleep(wait)
