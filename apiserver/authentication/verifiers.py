"""All kinds of tokens that are not in a file: each goes to those who know its form."""

from __future__ import annotations

from collections.abc import Sequence

from podwright.apiserver.authentication.authenticator import UNKNOWN, Reviewed, TokenVerifier
from podwright.apiserver.authentication.bootstrap_tokens import BootstrapTokens
from podwright.apiserver.user import User


class Verifiers:
    """`TokenVerifier` over bootstrap tokens and, where there is a key, the two forms of service accounts' tokens."""

    def __init__(self, bootstrap: BootstrapTokens, *others: TokenVerifier) -> None:
        self._bootstrap = bootstrap
        self._others = others

    @property
    def issuer(self) -> str:
        """The audience that means this server."""
        return self._bootstrap.issuer

    def user_of(self, token: str) -> User | None:
        """Return the user; None when the token is not (or no longer) good."""
        if self._bootstrap.is_one(token):
            return self._bootstrap.user_of(token)
        return next((user for other in self._others if (user := other.user_of(token)) is not None), None)

    def review(self, token: str, audiences: Sequence[str]) -> Reviewed:
        """Judge a token that should be good for one of the audiences."""
        if self._bootstrap.is_one(token):
            return self._bootstrap.review(token, audiences)
        found = [other.review(token, audiences) for other in self._others]
        good = next((one for one in found if one.user is not None), None)
        return good or next((one for one in found if one.error != UNKNOWN), Reviewed())
