"""How many pods a controller wants, whichever kind it is: read from the caches, else through its scale subresource.

Reads only. A kind that is not known, or an owner that is gone, has no scale.
"""

from __future__ import annotations

from typing import Any

from podwright.api.errors import ApiError
from podwright.client.client import Client
from podwright.controllers.caches import Caches
from podwright.controllers.live import row_of
from podwright.controllers.meta import Owner, Whole

JSON = dict[str, Any]


class ScaleReads:
    """Answers for the controllers of pods. A ReplicaSet of a Deployment has the Deployment's scale."""

    def __init__(self, caches: Caches, client: Client) -> None:
        self._caches = caches
        self._client = client

    async def scale(self, owner: Owner, namespace: str) -> tuple[str, int] | None:
        """Return the uid of what really decides, and how many pods it wants. Raises ApiError, TransportError."""
        if owner.kind == "ReplicaSet":
            held = self._caches.replica_sets.get(f"{namespace}/{owner.name}")
            above = held.meta.controller if held is not None and held.meta.uid == owner.uid else None
            if above is not None and above.kind == "Deployment":
                owner = above
        row = row_of(owner, self._caches.custom.rows())
        if row is None or "scale" not in row.subresources:
            return None
        informer = self._caches.all.get(row.qualified)
        cached = informer.get(f"{namespace}/{owner.name}") if informer is not None else None
        if isinstance(cached, Whole):
            return (owner.uid, cached.spec.get("replicas") or 0) if cached.meta.uid == owner.uid else None
        try:
            scale = await self._client.get(row, owner.name, namespace=namespace, subresource="scale")
        except ApiError as error:
            if error.code == 404:
                return None
            raise
        if scale["metadata"].get("uid") != owner.uid:
            return None
        return owner.uid, (scale.get("spec") or {}).get("replicas") or 0
