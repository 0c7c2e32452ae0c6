"""Who sends a request: a client certificate, a bearer token, or nobody in particular.

The order is fixed: a certificate wins, then the token; a token nobody knows is refused, no credential is
anonymous. It must never say why a credential was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from podwright.api.errors import unauthorized
from podwright.apiserver.user import ANONYMOUS, User

_BEARER = "bearer "


class TokenVerifier(Protocol):
    """Knows the users of tokens that are not in a file."""

    def user_of(self, token: str) -> User | None:
        """Return the user; None when the token is not (or no longer) good."""
        ...


class Authenticator:
    """Finds the user of a request."""

    def __init__(self, tokens: Mapping[str, User], verifier: TokenVerifier | None = None) -> None:
        self._tokens = dict(tokens)
        self._verifier = verifier

    def authenticate(self, authorization: str, certificate: User | None) -> User:
        """Return the user of an Authorization header and the connection's certificate. Raises ApiError 401."""
        if certificate is not None:
            return certificate
        if not authorization or authorization[: len(_BEARER)].lower() != _BEARER:
            return ANONYMOUS
        token = authorization[len(_BEARER) :].strip()
        if not token:
            return ANONYMOUS
        user = self._tokens.get(token)
        if user is None and self._verifier is not None:
            user = self._verifier.user_of(token)
        if user is None:
            raise unauthorized()
        return user
