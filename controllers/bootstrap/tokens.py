"""A token that nodes join with, read from its Secret. What is no such Secret is None. It must never be logged."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from podwright.api.times import parse_time
from podwright.controllers.meta import Whole

JSON = Mapping[str, Any]
NAMESPACE: Final = "kube-system"
TYPE: Final = "bootstrap.kubernetes.io/token"


@dataclass(frozen=True, slots=True)
class Token:
    """`ends` is None for one that does not expire; `signs`: it vouches for the cluster's address and CA."""

    id: str
    secret: str = field(repr=False)
    ends: datetime | None
    signs: bool


def is_token(secret: JSON) -> bool:
    """Tell whether a Secret holds a token."""
    return secret.get("type") == TYPE and secret["metadata"].get("namespace") == NAMESPACE


def token_of(secret: Whole) -> Token | None:
    """Read a token; None for one that can never be used."""
    data = {key: _text(value) for key, value in (secret.body.get("data") or {}).items()}
    name, key = data.get("token-id", ""), data.get("token-secret", "")
    if not name or not key or secret.meta.name != f"bootstrap-token-{name}":
        return None
    ends = data.get("expiration", "")
    try:
        return Token(name, key, parse_time(ends) if ends else None, data.get("usage-bootstrap-signing") == "true")
    except ValueError:
        return None


def _text(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
