"""Whether the store is encrypted: as the server's settings say. What encrypts is imported only where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podwright.apiserver.config import ServerConfig
from podwright.store.protocol import Store

if TYPE_CHECKING:
    from podwright.apiserver.encryption.sealed_server import SealedServer


def sealed(config: ServerConfig, store: Store) -> SealedServer | None:
    """What stands before the store; None where it is used as it is."""
    if config.encryption_config_file is None:
        return None
    from podwright.apiserver.encryption.sealed_server import SealedServer

    return SealedServer(store, config.encryption_config_file)
