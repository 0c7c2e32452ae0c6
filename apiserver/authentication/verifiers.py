"""All kinds of tokens that are not in a file: each goes to those who know its form."""

from __future__ import annotations

from collections.abc import Sequence

from podwright.apiserver.authentication.authenticator import Reviewed, TokenVerifier
from podwright.apiserver.authentication.bootstrap_tokens import BootstrapTokens
from podwright.apiserver.user import User


class Verifiers:
    """`TokenVerifier` over bootstrap tokens and, where there is a key, service accounts' tokens."""

    def __init__(self, bootstrap: BootstrapTokens, others: TokenVerifier | None) -> None:
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
        return None if self._others is None else self._others.user_of(token)

    def review(self, token: str, audiences: Sequence[str]) -> Reviewed:
        """Judge a token that should be good for one of the audiences."""
        if self._bootstrap.is_one(token):
            return self._bootstrap.review(token, audiences)
        return Reviewed() if self._others is None else self._others.review(token, audiences)
