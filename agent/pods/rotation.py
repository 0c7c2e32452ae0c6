"""Keeps container logs small: beyond 10 MiB a log is set aside as `.1`, up to four old ones are kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from podwright.agent.pods.ports import HostError, Runtime

log = logging.getLogger(__name__)

MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 5


async def rotate(runtime: Runtime, logs: Iterable[tuple[str, Path]], limit: int = MAX_BYTES) -> None:
    """Set aside each log (container id, path) that has grown too large."""
    large = await asyncio.to_thread(_large, list(logs), limit)
    for container_id, path in large:
        await asyncio.to_thread(shift, path)
        try:
            await runtime.reopen_log(container_id)
        except HostError as e:
            log.warning("Cannot reopen the log of container %s: %s", container_id, e)


def _large(logs: list[tuple[str, Path]], limit: int) -> list[tuple[str, Path]]:
    return [(cid, path) for cid, path in logs if path.exists() and path.stat().st_size > limit]


def shift(path: Path, files: int = MAX_FILES) -> None:
    """Rename `x.log` to `x.log.1`, `x.log.1` to `x.log.2` ...; the oldest goes."""
    for number in range(files - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        newer = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)
