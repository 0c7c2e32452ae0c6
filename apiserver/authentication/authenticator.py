"""Who sends a request: a client certificate, a bearer token, or nobody in particular.

The order is fixed: a certificate wins, then the token; a token nobody knows is refused, no credential is
anonymous. A request is never told why its credential was
refused; only a review says so, to those who may ask for one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from podwright.api.errors import unauthorized
from podwright.apiserver.user import ANONYMOUS, User

_BEARER = "bearer "


UNKNOWN: Final = "invalid bearer token"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a token is worth: its user and for whom it is good, or why it is not."""

    user: User | None = None
    audiences: tuple[str, ...] = ()
    error: str = UNKNOWN


class TokenReviewer(Protocol):
    """Tells what tokens are worth."""

    def review(self, token: str, audiences: Sequence[str]) -> Reviewed:
        """Judge a token that should be good for one of the audiences; none means for this server."""
        ...


class PreparedReviewer(TokenReviewer, Protocol):
    """Tells what tokens are worth, some of them after a wait."""

    def pending(self, authorization: str) -> Awaitable[None] | None:
        """What to await before the token of a header can be judged, if anything."""
        ...


class TokenVerifier(TokenReviewer, Protocol):
    """Knows the users of tokens that are not in a file."""

    @property
    def issuer(self) -> str:
        """The audience that means this server."""
        ...

    def user_of(self, token: str) -> User | None:
        """Return the user; None when the token is not (or no longer) good."""
        ...


class OtherIssuers(Protocol):
    """Knows the users of other issuers' tokens, and whether somebody may be nobody."""

    def pending(self, token: str) -> Awaitable[None] | None:
        """What to await before a token is judged, if anything."""
        ...

    def user_of(self, token: str) -> User | None:
        """Return the user; None when the token is not (or no longer) good."""
        ...

    def takes_nobody(self, path: str) -> bool:
        """Tell whether a request without a credential is taken."""
        ...


class Authenticator:
    """Finds the user of a request. `others` are other issuers, where there is a configuration."""

    def __init__(self, tokens: Mapping[str, User], verifier: TokenVerifier | None = None) -> None:
        self._tokens = dict(tokens)
        self._verifier = verifier
        self.others: OtherIssuers | None = None

    def pending(self, authorization: str) -> Awaitable[None] | None:
        """What to await before `authenticate` can judge a header; None nearly always."""
        if self.others is None or authorization[: len(_BEARER)].lower() != _BEARER:
            return None
        return self.others.pending(authorization[len(_BEARER) :].strip())

    def authenticate(self, authorization: str, certificate: User | None, path: str = "/") -> User:
        """Return the user of an Authorization header and the connection's certificate. Raises ApiError 401."""
        if certificate is not None:
            return certificate
        if not authorization or authorization[: len(_BEARER)].lower() != _BEARER:
            return self._nobody(path)
        token = authorization[len(_BEARER) :].strip()
        if not token:
            return self._nobody(path)
        user = self._tokens.get(token)
        if user is None and self._verifier is not None:
            user = self._verifier.user_of(token)
        if user is None and self.others is not None:
            user = self.others.user_of(token)
        if user is None:
            raise unauthorized()
        return user

    def _nobody(self, path: str) -> User:
        if self.others is not None and not self.others.takes_nobody(path):
            raise unauthorized()
        return ANONYMOUS

    def review(self, token: str, audiences: Sequence[str]) -> Reviewed:
        """Judge a token; those of a file or another issuer are good for this server alone."""
        own = () if self._verifier is None else (self._verifier.issuer,)
        user = self._tokens.get(token)
        if user is None and self.others is not None:
            user = self.others.user_of(token)
        if user is not None:
            good = tuple(audience for audience in audiences or own if audience in own)
            return Reviewed(user, good, "") if good or not audiences else Reviewed()
        return Reviewed() if self._verifier is None else self._verifier.review(token, audiences or own)
