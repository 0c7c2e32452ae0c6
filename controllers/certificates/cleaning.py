"""Old requests go: an hour after they were settled, a day after nobody did, and when their certificate ends."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from podwright.api.times import parse_time
from podwright.controllers.actions import NOTHING, Delete, Plan
from podwright.controllers.certificates.requests import APPROVED, DENIED, FAILED, conditions
from podwright.controllers.meta import Whole
from podwright.controllers.resources import SIGNING_REQUESTS

_SETTLED: Final = timedelta(hours=1)
_PENDING: Final = timedelta(days=1)


def clean(request: Whole | None, now: datetime) -> Plan:
    """Return the deletion, or when to look again."""
    if request is None or request.meta.deleted is not None:
        return NOTHING
    due = min(_ends(request), default=None)
    if due is None:
        return NOTHING
    left = (due - now).total_seconds()
    if left > 0:
        return Plan(again=left)
    meta = request.meta
    return Plan((Delete(SIGNING_REQUESTS, "", meta.name, meta.uid, version=meta.version),))


def _ends(request: Whole) -> Iterator[datetime]:
    found = conditions(request.status)
    issued = request.status.get("certificate") or ""
    if not found and request.meta.created is not None:
        yield request.meta.created + _PENDING
    for kind in (APPROVED, DENIED, FAILED):
        settled = (found.get(kind) or {}).get("lastUpdateTime")
        if settled and (kind != APPROVED or issued):
            yield parse_time(settled) + _SETTLED
    if APPROVED in found and issued:
        yield from _end_of(issued)


def _end_of(certificate: str) -> Iterator[datetime]:
    from cryptography.x509 import load_pem_x509_certificate

    try:
        yield load_pem_x509_certificate(base64.b64decode(certificate)).not_valid_after_utc
    except ValueError:
        return
