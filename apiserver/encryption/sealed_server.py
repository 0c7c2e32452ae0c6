"""Keeps a server's store sealed as its configuration file says, also when that changes.

The file is read at start and looked at now and then. A new configuration is used once everything in the store opens
with it; until then, and when the file is wrong, the one in use stays. It must never go on without a configuration.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from podwright.apiserver.cache.feed import ROOT
from podwright.apiserver.config_file import ConfigFileError
from podwright.apiserver.encryption.configuration import Storing, read_encryption
from podwright.apiserver.encryption.keyring import Keyring
from podwright.store.protocol import Store, StoreError
from podwright.store.sealed import SealedStore, Unreadable

log = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0


class SealedServer:
    """Owns the sealed store and what watches the file."""

    def __init__(self, store: Store, path: Path) -> None:
        self.store = SealedStore(store, Keyring(()))
        self._path = path
        self._storings: tuple[Storing, ...] = ()
        self._seen: tuple[int, ...] = ()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the file; whoever reads the store next sees whether it opens with that. Raises ConfigFileError."""
        self._seen = await asyncio.to_thread(self._stamp)
        self._storings = await asyncio.to_thread(read_encryption, self._path)
        self.store.begin(Keyring(self._storings))
        self._task = asyncio.create_task(self._follow(), name="encryption-config")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def metrics(self) -> Iterator[str]:
        """Which keys seal, and what of the store they do not seal yet, in Prometheus' text form."""
        name = "podwright_storage_first_key"
        yield f"# HELP {name} The key that new values are encrypted with."
        yield f"# TYPE {name} gauge"
        for storing in self._storings:
            if storing.plain:
                continue
            first = storing.keys[0]
            for resource in storing.resources:
                yield f'{name}{{resource="{resource}",cipher="{first.cipher}",key="{first.name}"}} 1'
        name = "podwright_storage_stale_values"
        yield f"# HELP {name} Stored values that a rewrite would encrypt anew."
        yield f"# TYPE {name} gauge"
        for resource, count in sorted(self.store.count_stale(ROOT).items()):
            yield f'{name}{{resource="{resource}"}} {count}'

    async def _use(self) -> None:
        storings = await asyncio.to_thread(read_encryption, self._path)
        await self.store.change(Keyring(storings), ROOT)
        self._storings = storings

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            stamp = await asyncio.to_thread(self._stamp)
            if stamp == self._seen:
                continue
            try:
                await self._use()
            except (ConfigFileError, StoreError) as error:
                log.warning("Cannot use the new encryption configuration, the one before stays: %s", error)
                if isinstance(error, StoreError) and not isinstance(error, Unreadable):
                    continue  # the store does not answer: the file may be fine
            else:
                log.info("Encryption configuration %s is in use", self._path)
            self._seen = stamp

    def _stamp(self) -> tuple[int, ...]:
        """What changes with the file; a file that is gone for a moment is being replaced."""
        try:
            found = self._path.stat()
        except OSError:
            return self._seen
        return found.st_mtime_ns, found.st_size, found.st_ino
