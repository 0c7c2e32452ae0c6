"""One request to another API server, in its user's name, and its answer as it comes.

It must never decide who may ask: that was decided here, and the other server decides once more.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Final

from podwright.api.errors import ApiError
from podwright.apiserver.aggregation.delegate import Delegate
from podwright.apiserver.aggregation.dialler import Dialler
from podwright.apiserver.aggregation.line import Line, NoBackend
from podwright.apiserver.aggregation.remote_user import claims, without_claims
from podwright.apiserver.media import PLAIN_TYPE
from podwright.apiserver.proxy.exchange import exchange
from podwright.apiserver.user import User
from podwright.client.transport import Request, Response, Stream

_REPEATABLE: Final = frozenset(("GET", "HEAD"))


def unavailable(why: str = "service unavailable") -> Response:
    """The refusal that clients know: plain text."""
    headers = {"content-type": PLAIN_TYPE, "x-content-type-options": "nosniff"}
    return Response(503, headers, f"{why}\n".encode())


async def forward(dialler: Dialler, delegate: Delegate, request: Request, user: User) -> Response | Stream:
    """Answer with what the other server answers; a refusal of ours is plain text."""
    try:
        return await ask(dialler, delegate, request, user)
    except NoBackend:
        return unavailable()
    except ApiError as error:
        return unavailable(error.message)


async def ask(dialler: Dialler, delegate: Delegate, request: Request, user: User) -> Response | Stream:
    """Send a request and return the answer, whose head was read. Raises ApiError 503."""
    sent = replace(request, headers=(*without_claims(request.headers), *claims(user)))
    # The other side may end a line at any moment: only what may be sent twice goes over one that was idle.
    used = await dialler.idle.take(delegate) if request.method in _REPEATABLE else None
    if used is not None:
        with contextlib.suppress(ApiError):
            return await _over(used, dialler, delegate, sent)
    return await _over(await dialler.dial(delegate), dialler, delegate, sent)


async def _over(line: Line, dialler: Dialler, delegate: Delegate, request: Request) -> Response | Stream:
    return await exchange(line, request, request.path, delegate.authority, lambda: dialler.idle.give(delegate, line))
