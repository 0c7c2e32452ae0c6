"""Renews the cluster's own certificates while it runs, and tells who uses them.

    every few minutes, and when told to: is each still good? > if not, make it anew > tell its users

What another process put into the folder counts as renewed. A clock that jumps is noticed at the next look. It must
never end with an exception: a certificate that cannot be made now is tried again, and said to be so in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from podwright.client.clock import Clock
from podwright.client.tasks import TaskGroup
from podwright.deploy.pki import Authority, Pair, PkiError

log = logging.getLogger(__name__)
_LOOK: Final = 300.0  # seconds
_CA_WARNING: Final = timedelta(days=365)
_CA_WARN_EVERY: Final = timedelta(days=1)


@dataclass(slots=True)
class Kept:
    """One certificate: how to get it (made anew when it is due), and who is told of a new one.

    `get` blocks and may raise PkiError or OSError; users are called on the event loop.
    """

    name: str
    get: Callable[[], Pair]
    users: list[Callable[[Pair], None]] = field(default_factory=list[Callable[[Pair], None]])
    present: Pair | None = None


class Keeper:
    """See the module."""

    def __init__(self, authority: Authority, clock: Clock) -> None:
        self._authority = authority
        self._clock = clock
        self._kept: dict[str, Kept] = {}
        self._wake = asyncio.Event()
        self._discard: set[str] = set()
        self._warned = clock.now() - _CA_WARN_EVERY

    def keep(self, name: str, get: Callable[[], Pair]) -> Pair:
        """Keep a certificate from now on; returns it. Blocks. Raises PkiError, OSError."""
        kept = self._kept[name] = Kept(name, get)
        kept.present = get()
        return kept.present

    def tell(self, name: str, user: Callable[[Pair], None]) -> None:
        """Have `user` called with every new certificate of this name."""
        self._kept[name].users.append(user)

    def renew(self, names: Sequence[str] = ()) -> None:
        """Make certificates anew soon, due or not: these, or all."""
        self._discard.update(names or self._kept)
        self._wake.set()

    async def run(self) -> None:
        """Keep them until cancelled."""
        while True:
            self._warn()
            for kept in list(self._kept.values()):
                await self._look(kept)
            await self._pause()

    async def _look(self, kept: Kept) -> None:
        try:
            if kept.name in self._discard:
                await asyncio.to_thread(self._authority.discard, kept.name)
                self._discard.discard(kept.name)
            found = await asyncio.to_thread(kept.get)
        except (PkiError, OSError) as error:
            log.warning("Cannot renew the certificate %s, trying again: %s", kept.name, error)
            return
        if found == kept.present:
            return
        kept.present = found
        log.info("Certificate %s was renewed", kept.name)
        for user in kept.users:
            try:
                user(found)
            except Exception:
                log.exception("Cannot go over to the new certificate %s", kept.name)

    async def _pause(self) -> None:
        """Wait for the next look, or until told to look."""
        async with TaskGroup() as group:
            waits = (group.create_task(self._clock.sleep(_LOOK)), group.create_task(self._wake.wait()))
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        self._wake.clear()

    def _warn(self) -> None:
        """Say so loudly when the CA is near its end: nothing it signs outlives it, and nobody can renew it."""
        now, end = self._clock.now(), self._authority.certificate.not_valid_after_utc
        if end - now < _CA_WARNING and now - self._warned >= _CA_WARN_EVERY:
            self._warned = now
            log.warning(
                "The cluster's CA ends in %d days, on %s: no certificate outlives it; see docs/certificates.md",
                (end - now).days, end.date(),
            )  # fmt: skip
