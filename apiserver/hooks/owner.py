"""Holds the one client of webhooks that a server has, made when the first webhook is configured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from podwright.apiserver.strategy import Lookup
from podwright.apiserver.streams import NodeStreams

if TYPE_CHECKING:
    from podwright.apiserver.hooks.client import HookClient

_CONVERSIONS: Final = "apiserver_conversion_webhook_request_total"


class Hooks:
    """Makes the client and ends it."""

    def __init__(self, lookup: Lookup, streams: Callable[[], NodeStreams | None]) -> None:
        self._lookup = lookup
        self._streams = streams
        self._client: HookClient | None = None
        self.conversions: Counter[str] = Counter()
        """Conversions by the kind of failure, "" for none."""

    @property
    def client(self) -> HookClient:
        """The client."""
        if self._client is None:
            from podwright.apiserver.hooks.client import HookClient

            self._client = HookClient(self._lookup, self._streams)
        return self._client

    def lines(self) -> Iterator[str]:
        """How often objects were converted, and what failed, in Prometheus' text form."""
        if self.conversions:
            yield f"# HELP {_CONVERSIONS} Questions to webhooks that convert custom resources by what came back."
            yield f"# TYPE {_CONVERSIONS} counter"
        for failure, number in self.conversions.items():
            result = "failure" if failure else "success"
            yield f'{_CONVERSIONS}{{result="{result}",failure_type="{failure}"}} {number}'

    async def close(self) -> None:
        """End all connections."""
        if self._client is not None:
            await self._client.close()
