"""One of several at a time: leader election over a Lease object.

Who holds the Lease and renews it in time leads. Others judge its age by when they saw it change, on their own
monotonic clock, never by the times written in it: clocks of different machines differ. A leader that cannot renew
stops leading before others may start (`renew_within` < `lease_for`).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.api.times import format_micro_time
from podwright.client.backoff import Chance
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.transport import TransportError

JSON = dict[str, Any]
_LEASE = find("leases", "coordination.k8s.io")
_log = logging.getLogger(__name__)


class LeadershipLostError(Exception):
    """The Lease could not be renewed in time. Another may lead now: start over from scratch."""


@dataclass(frozen=True, slots=True)
class ElectionConfig:
    """Times in seconds. `identity` must be unique among the candidates."""

    namespace: str
    name: str
    identity: str
    lease_for: float = 15.0
    renew_within: float = 10.0
    retry_every: float = 2.0


class LeaderElection:
    """A candidate."""

    def __init__(self, client: Client, clock: Clock, config: ElectionConfig, *, chance: Chance = random.random) -> None:
        self._client = client
        self._clock = clock
        self._config = config
        self._chance = chance
        self._seen: JSON = {}
        self._seen_at = float("-inf")

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Wait until elected, then run `lead`; give the Lease back when it ends.

        Raises LeadershipLostError after stopping `lead` when the Lease cannot be renewed in time.
        """
        while not await self._try():
            await self._clock.sleep(self._config.retry_every * (1 + 0.2 * self._chance()))
        leading = asyncio.ensure_future(lead())
        renewing = asyncio.ensure_future(self._renew())
        try:
            await asyncio.wait((leading, renewing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (leading, renewing):
                task.cancel()
            await asyncio.wait((leading, renewing))
            if renewing.cancelled():  # it is still ours
                await self._release()
        if not leading.cancelled():
            leading.result()
        if not renewing.cancelled():
            renewing.result()

    async def _renew(self) -> None:
        last = self._clock.monotonic()
        while True:
            await self._clock.sleep(self._config.retry_every)
            if await self._try():
                last = self._clock.monotonic()
            elif self._clock.monotonic() - last >= self._config.renew_within:
                msg = f"cannot renew lease {self._config.namespace}/{self._config.name} in time"
                raise LeadershipLostError(msg)

    async def _try(self) -> bool:
        """Take or renew the Lease. False: another holds it, or it could not be reached."""
        config = self._config
        try:
            async with asyncio.timeout(config.renew_within):
                try:
                    lease = await self._client.get(_LEASE, config.name, namespace=config.namespace)
                except ApiError as error:
                    if error.code != 404:
                        raise
                    await self._create()
                    return True
                self._observe(lease)
                spec: JSON = lease.get("spec") or {}
                holder = spec.get("holderIdentity") or ""
                age = self._clock.monotonic() - self._seen_at
                if holder not in ("", config.identity) and age < (spec.get("leaseDurationSeconds") or config.lease_for):
                    return False
                await self._write(lease, spec, holder)
                return True
        except (ApiError, TransportError, TimeoutError) as error:
            _log.info("Cannot take lease %s/%s: %s", config.namespace, config.name, error)
            return False

    def _observe(self, lease: JSON) -> None:
        spec: JSON = lease.get("spec") or {}
        if spec != self._seen:
            self._seen = spec
            self._seen_at = self._clock.monotonic()

    async def _create(self) -> None:
        config = self._config
        metadata = {"name": config.name, "namespace": config.namespace}
        await self._write({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata}, {}, "")

    async def _write(self, lease: JSON, spec: JSON, holder: str) -> None:
        now = format_micro_time(self._clock.now())
        config = self._config
        taken = dict(spec)
        if holder != config.identity:
            taken["acquireTime"] = now
            taken["leaseTransitions"] = (spec.get("leaseTransitions") or 0) + (1 if spec else 0)
        taken |= {"holderIdentity": config.identity, "leaseDurationSeconds": int(config.lease_for), "renewTime": now}
        changed = {**lease, "spec": taken}
        if spec or lease["metadata"].get("resourceVersion"):
            answer = await self._client.update(_LEASE, changed)
        else:
            answer = await self._client.create(_LEASE, changed)
        self._observe(answer)

    async def _release(self) -> None:
        """Give the Lease back, so that another can take over at once. Best effort: it expires anyway."""
        config = self._config
        patch = {"spec": {"holderIdentity": "", "leaseDurationSeconds": 1}}
        try:
            lease = await self._client.get(_LEASE, config.name, namespace=config.namespace)
            if (lease.get("spec") or {}).get("holderIdentity") == config.identity:
                version = {"metadata": {"resourceVersion": lease["metadata"]["resourceVersion"]}}
                await self._client.patch(_LEASE, config.name, {**version, **patch}, namespace=config.namespace)
        except (ApiError, TransportError) as error:
            _log.info("Cannot release lease %s/%s: %s", config.namespace, config.name, error)
