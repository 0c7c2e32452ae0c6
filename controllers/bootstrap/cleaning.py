"""Join tokens that have expired go."""

from __future__ import annotations

from datetime import datetime

from podwright.controllers.actions import NOTHING, Delete, Plan
from podwright.controllers.bootstrap.tokens import token_of
from podwright.controllers.meta import Whole
from podwright.controllers.resources import SECRETS


def clean(secret: Whole | None, now: datetime) -> Plan:
    """Return the deletion, or when to look again."""
    token = token_of(secret) if secret is not None and secret.meta.deleted is None else None
    if secret is None or token is None or token.ends is None:
        return NOTHING
    left = (token.ends - now).total_seconds()
    if left > 0:
        return Plan(again=left)
    meta = secret.meta
    return Plan((Delete(SECRETS, meta.namespace, meta.name, meta.uid, version=meta.version),))
