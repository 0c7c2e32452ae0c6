"""Keeps the tokens of other issuers in step with the file that names them.

A file that cannot be used changes nothing: what was in use before stays so, and the log says why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from podwright.apiserver.authentication.external.configuration import read_configuration
from podwright.apiserver.authentication.external.tokens import ExternalTokens
from podwright.apiserver.config_file import ConfigFileError

log = logging.getLogger(__name__)
Changed = Callable[[Path], Awaitable[None]]


async def begin(
    path: Path, own_issuer: str, now: Callable[[], datetime], follow: Callable[[Path, Changed], None]
) -> ExternalTokens:
    """Read the file; `follow` tells of every change of it. Raises ConfigFileError."""
    tokens = ExternalTokens(now)
    tokens.use(*await asyncio.to_thread(read_configuration, path, own_issuer))

    async def changed(path: Path) -> None:
        try:
            found = await asyncio.to_thread(read_configuration, path, own_issuer)
        except ConfigFileError as error:
            log.warning("%s; the one of before stays in use", str(error).capitalize())
            return
        tokens.use(*found)
        log.info("Authentication configuration %s is in use", path)

    follow(path, changed)
    return tokens
