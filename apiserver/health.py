"""/healthz, /livez and /readyz: named checks, each a function that raises or not.

Monitoring tools read the answer's words; it must never show a client why a check failed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from podwright.apiserver.media import PLAIN_TYPE
from podwright.apiserver.options import Query
from podwright.client.transport import Response

log = logging.getLogger(__name__)
Check = Callable[[], Awaitable[None]]
"""Raises when something is wrong."""

_HEADERS = {"content-type": PLAIN_TYPE, "x-content-type-options": "nosniff"}
_SECONDS = 3.0
_ALSO = {("healthz", "etcd"): "store", ("livez", "etcd"): "store"}
"""Checks that the original calls otherwise; its /readyz has none of that name."""


def checks_of(
    name: str, store: Callable[[], Awaitable[object]], cache: Callable[[], Awaitable[None]], ready: Callable[[], bool]
) -> dict[str, Check]:
    """The checks of healthz, livez or readyz: what asks the store and the watch cache, and whether all has begun."""

    async def fine() -> None:
        """The server answers."""

    async def asked() -> None:
        await store()

    async def begun() -> None:
        if not ready():
            msg = "the first objects are not written yet"
            raise RuntimeError(msg)

    checks: dict[str, Check] = {"ping": fine, "store": asked, "watch-cache": cache}
    return {**checks, "bootstrap": begun} if name == "readyz" else checks


async def answer(name: str, path: str, checks: Mapping[str, Check], query: Query) -> Response | None:
    """Run all checks, or the one that `path` names; None when there is no such check."""
    one = path.removeprefix(f"/{name}").removeprefix("/")
    if path != f"/{name}":
        check = checks.get(_ALSO.get((name, one), one))
        if check is None:
            return None
        failed = await _failure(check)
        if failed is None:
            return Response(200, _HEADERS, b"ok")
        log.warning("Health check %s/%s failed: %s", name, one, failed)
        return Response(500, _HEADERS, f"internal server error: {failed}".encode())
    return await _all(name, checks, query)


async def _all(name: str, checks: Mapping[str, Check], query: Query) -> Response:
    excluded = {_ALSO.get((name, each), each) for each in query.all("exclude")}
    lines: list[str] = []
    bad: list[str] = []
    for check_name, check in checks.items():
        if check_name in excluded:
            excluded.discard(check_name)
            lines.append(f"[+]{check_name} excluded: ok")
            continue
        failed = await _failure(check)
        if failed is None:
            lines.append(f"[+]{check_name} ok")
        else:
            bad.append(check_name)
            log.warning("Health check %s/%s failed: %s", name, check_name, failed)
            lines.append(f"[-]{check_name} failed: reason withheld")
    if excluded:
        shown = ",".join(f'"{e}"' for e in sorted(excluded))
        lines.append(f"warn: some health checks cannot be excluded: no matches for {shown}")
    if bad:
        return Response(500, _HEADERS, "\n".join([*lines, f"{name} check failed", ""]).encode())
    if not query.has("verbose"):
        return Response(200, _HEADERS, b"ok")
    return Response(200, _HEADERS, "\n".join([*lines, f"{name} check passed", ""]).encode())


async def _failure(check: Check) -> str | None:
    try:
        async with asyncio.timeout(_SECONDS):
            await check()
    except TimeoutError:
        return f"no answer within {_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - whatever a check raises is its finding
        return str(error) or type(error).__name__
    return None
