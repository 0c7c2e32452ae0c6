"""A Lease as the node controller sees it: who renewed it, and when it says that was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podwright.controllers.meta import Meta, meta_of

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeaseView:
    """One Lease; `renewed` is only ever compared with its former value."""

    meta: Meta
    renewed: str


def lease_view(body: JSON) -> LeaseView:
    """Read a Lease object."""
    spec: JSON = body.get("spec") or {}
    return LeaseView(meta_of(body), f"{spec.get('holderIdentity') or ''} {spec.get('renewTime') or ''}")
