"""The certificate that the gateway shows to nodes: asked for at every new connection, so it may change.

The library asks from a thread of its own: all it finds here is one reference that is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc


class Shown:
    """What new connections see, and the CA that nodes' certificates must come from. Everything is PEM."""

    def __init__(self, certificate: bytes, key: bytes, client_ca: bytes) -> None:
        self._client_ca = client_ca
        self._pair = (key, certificate)

    def change(self, certificate: bytes, key: bytes) -> None:
        """Show this one from now on."""
        self._pair = (key, certificate)

    def credentials(self, *, mutual: bool) -> grpc.ServerCredentials:
        """For one port; `mutual` asks nodes for theirs."""
        roots = self._client_ca if mutual else None
        return _dynamic(self._configuration(roots), self._fetcher(roots), mutual)

    def _configuration(self, roots: bytes | None) -> Any:
        key, certificate = self._pair
        # The CA is shown with it: who joins knows only its digest.
        return grpc.ssl_server_certificate_configuration(
            [(key, certificate + self._client_ca)], root_certificates=roots
        )

    def _fetcher(self, roots: bytes | None) -> Callable[[], Any]:
        seen = [self._pair]

        def fetch() -> Any:
            pair = self._pair
            if pair is seen[0]:
                return None  # as before
            seen[0] = pair
            return self._configuration(roots)

        return fetch


_dynamic: Any = grpc.dynamic_ssl_server_credentials
