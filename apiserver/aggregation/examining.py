"""Looks whether a delegate answers: its service and endpoints first, then its own list of resources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.apiserver.aggregation import availability
from podwright.apiserver.aggregation.availability import Verdict
from podwright.apiserver.aggregation.delegate import Delegate
from podwright.apiserver.aggregation.dialler import Dialler
from podwright.apiserver.aggregation.forwarding import ask
from podwright.apiserver.aggregation.offering import resources_of
from podwright.apiserver.hooks.backends import backends_of
from podwright.apiserver.strategy import Lookup
from podwright.apiserver.user import AUTHENTICATED, MASTERS, User
from podwright.client.transport import Request, Response, Stream

JSON = dict[str, Any]
_ASKER: Final = User("system:kube-aggregator", groups=(MASTERS, AUTHENTICATED))
_SECONDS: Final = 5.0
_LONGEST: Final = 16 * 1024 * 1024
_SERVICES, _ENDPOINTS = find("services"), find("endpoints")
_SLICES: Final = find("endpointslices", "discovery.k8s.io")
_OWNER: Final = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict, and the resources it has: None when it did not tell."""

    verdict: Verdict
    resources: list[JSON] | None = None


async def examine(dialler: Dialler, delegate: Delegate, lookup: Lookup) -> Found:
    """Look at a delegate."""
    why = _reachable(delegate, lookup)
    if why is not None:
        return Found(why)
    url = f"https://{delegate.authority}{delegate.path}"
    try:
        async with asyncio.timeout(_SECONDS):
            status, body = await fetch(dialler, delegate, delegate.path, _ASKER)
    except TimeoutError:
        return Found(availability.failed(url, f'Get "{url}": context deadline exceeded'))
    except ApiError as error:
        return Found(availability.failed(url, error.message))
    verdict = availability.answered(url, status)
    if not verdict.available:
        return Found(verdict)
    try:
        return Found(verdict, resources_of(body))
    except ValueError:
        return Found(verdict)  # it answers; what it has is its own affair


async def fetch(
    dialler: Dialler, delegate: Delegate, path: str, user: User, accept: str = "application/json"
) -> tuple[int, bytes]:
    """Get a document of a delegate, whole. Raises ApiError 503."""
    headers = (("accept", accept), ("user-agent", "kube-aggregator"))
    answer = await ask(dialler, delegate, Request("GET", path, (), headers), user)
    if isinstance(answer, Response):
        return answer.status, answer.body
    try:
        return answer.status, b"".join([piece async for piece in _limited(answer)])
    finally:
        await answer.close()


async def _limited(stream: Stream) -> AsyncIterator[bytes]:
    size = 0
    async for piece in stream:
        size += len(piece)
        if size > _LONGEST:
            raise ApiError(503, "ServiceUnavailable", f"the answer is larger than {_LONGEST} bytes")
        yield piece


def _reachable(delegate: Delegate, lookup: Lookup) -> Verdict | None:
    name, namespace = delegate.service.name, delegate.service.namespace
    slices = lookup.list(_SLICES, namespace)
    owned = any((each["metadata"].get("labels") or {}).get(_OWNER) == name for each in slices)
    try:
        answering = bool(backends_of(delegate.service, lookup))
    except ValueError:
        answering = False
    return availability.reachable(
        delegate,
        lookup.get(_SERVICES, name, namespace),
        endpoints=owned or lookup.get(_ENDPOINTS, name, namespace) is not None,
        answering=answering,
    )
