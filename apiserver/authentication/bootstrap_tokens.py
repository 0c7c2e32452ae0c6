"""Tokens that new nodes join with: `ID.SECRET`, each a Secret `bootstrap-token-ID` in kube-system.

A token is good while its Secret says so: type, id and secret fit, it is meant for authentication, and it has not
expired. Looked up every time, so that a token that was deleted is worth nothing at once. It must never say which of
these was wrong.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from podwright.api.times import parse_time
from podwright.apiserver.authentication.authenticator import Reviewed
from podwright.apiserver.user import AUTHENTICATED, User

JSON = Mapping[str, Any]
BOOTSTRAPPERS: Final = "system:bootstrappers"
USER: Final = "system:bootstrap:"
NAMESPACE: Final = "kube-system"
TYPE: Final = "bootstrap.kubernetes.io/token"
_TOKEN: Final = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})")
_GROUP: Final = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]")


class BootstrapTokens:
    """Knows their users. `secret_of` returns a Secret of kube-system as it is now."""

    def __init__(self, secret_of: Callable[[str], JSON | None], issuer: str, now: Callable[[], datetime]) -> None:
        self.issuer = issuer
        self._secret_of = secret_of
        self._now = now

    def is_one(self, token: str) -> bool:
        """Tell whether a token has the form of these."""
        return _TOKEN.fullmatch(token) is not None

    def user_of(self, token: str) -> User | None:
        """Return the user; None when the token is not (or no longer) good."""
        parts = _TOKEN.fullmatch(token)
        secret = self._secret_of(f"bootstrap-token-{parts[1]}") if parts is not None else None
        if parts is None or secret is None or secret["metadata"].get("deletionTimestamp"):
            return None
        data = _decoded(secret)
        same = hmac.compare_digest(data.get("token-secret", "").encode(), parts[2].encode())
        if not same or secret.get("type") != TYPE or data.get("token-id") != parts[1]:
            return None
        if data.get("usage-bootstrap-authentication") != "true" or self._has_expired(data):
            return None
        extra = [group for group in data.get("auth-extra-groups", "").split(",") if group]
        if not all(_GROUP.fullmatch(group) for group in extra):
            return None
        return User(USER + parts[1], "", (*dict.fromkeys((BOOTSTRAPPERS, *extra)), AUTHENTICATED))

    def review(self, token: str, audiences: Sequence[str]) -> Reviewed:
        """Judge a token; these are good for this server alone."""
        user = self.user_of(token)
        good = tuple(audience for audience in audiences if audience == self.issuer)
        return Reviewed(user, good, "") if user is not None and (good or not audiences) else Reviewed()

    def _has_expired(self, data: Mapping[str, str]) -> bool:
        """Whether a token's end has passed; an end that cannot be read has."""
        text = data.get("expiration", "")
        if not text:
            return False
        try:
            return parse_time(text) <= self._now()
        except ValueError:
            return True


def _decoded(secret: JSON) -> dict[str, str]:
    """A Secret's data as text; what is no text is left out."""
    found: dict[str, str] = {}
    for key, value in (secret.get("data") or {}).items():
        try:
            found[key] = base64.b64decode(value).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found
