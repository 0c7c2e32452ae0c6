"""Holds the one client of webhooks that a server has, made when the first webhook is configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from podwright.apiserver.strategy import Lookup
from podwright.apiserver.streams import NodeStreams

if TYPE_CHECKING:
    from podwright.apiserver.hooks.client import HookClient


class Hooks:
    """Makes the client and ends it."""

    def __init__(self, lookup: Lookup, streams: Callable[[], NodeStreams | None]) -> None:
        self._lookup = lookup
        self._streams = streams
        self._client: HookClient | None = None

    @property
    def client(self) -> HookClient:
        """The client."""
        if self._client is None:
            from podwright.apiserver.hooks.client import HookClient

            self._client = HookClient(self._lookup, self._streams)
        return self._client

    async def close(self) -> None:
        """End all connections."""
        if self._client is not None:
            await self._client.close()
