"""Asks the programs that clients configured: admission and conversion webhooks.

Connections are used again, shared by all configurations that say the same, and end when they are idle or when nobody
configures their program any more. Every question has a deadline that covers all of it. It must never believe an answer:
what it means is judged by whoever asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final
from urllib.parse import quote

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.hooks.backends import Backend, backends_of
from podwright.apiserver.hooks.failing import HookError, refused, unreachable
from podwright.apiserver.hooks.target import HookTarget
from podwright.apiserver.hooks.wire import Answer, Wire, connect, connect_through
from podwright.apiserver.registry.decoding import MAX_DEPTH, explain, too_deep
from podwright.apiserver.strategy import Lookup
from podwright.apiserver.streams import NodeStreams

JSON = dict[str, Any]
_MOST_IDLE: Final = 8
"""Connections kept open to one program."""
_IDLE_SECONDS: Final = 60.0
_DEEPEST: Final = MAX_DEPTH + 10  # an object of the most levels, inside a review
_PATH_SAFE: Final = "/:@!$&'()*+,;=~%"


class HookClient:
    """Owns all connections to webhooks."""

    def __init__(self, lookup: Lookup, streams: Callable[[], NodeStreams | None]) -> None:
        self._lookup = lookup
        self._streams = streams
        self._idle: dict[HookTarget, list[Wire]] = {}
        self._contexts: dict[bytes, ssl.SSLContext] = {}
        self._used: dict[object, frozenset[HookTarget]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, target: HookTarget, review: JSON, seconds: float, limit: int) -> JSON:
        """Post a review and return the object that is answered. Raises HookError."""
        url = target.url(seconds)
        try:
            async with asyncio.timeout(seconds):
                answer = await self._exchange(target, url, orjson.dumps(review), limit)
        except TimeoutError as error:
            msg = f'Post "{url}": context deadline exceeded'
            raise HookError(msg, 504) from error
        if not 200 <= answer.status < 300:
            raise refused(answer.status, bytes(answer.body))
        try:
            found = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            msg = f"couldn't get version/kind; json parse error: {explain(bytes(answer.body))}"
            raise HookError(msg) from error
        if too_deep(found, _DEEPEST):
            raise HookError("couldn't get version/kind; json parse error: exceeded max depth")
        if not isinstance(found, dict):
            msg = "couldn't get version/kind; json parse error: the answer is no object"
            raise HookError(msg)
        return found

    def use(self, owner: object, targets: Iterable[HookTarget]) -> None:
        """Note whom an owner may ask from now on; connections to those whom nobody asks any more end."""
        self._used[owner] = frozenset(targets)
        wanted = frozenset[HookTarget]().union(*self._used.values())
        for target in [each for each in self._idle if each not in wanted]:
            for wire in self._idle.pop(target):
                self._later(wire.close())
        bundles = {target.ca for target in wanted}
        self._contexts = {ca: context for ca, context in self._contexts.items() if ca in bundles}

    async def close(self) -> None:
        """End every connection."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for wires in self._idle.values():
            for wire in wires:
                self._later(wire.close())
        self._idle.clear()
        while self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)

    # -- one question

    async def _exchange(self, target: HookTarget, url: str, body: bytes, limit: int) -> Answer:
        path = quote(target.path, safe=_PATH_SAFE)
        lines = (
            f"POST {path}?{url.rpartition('?')[2]} HTTP/1.1",
            f"Host: {target.authority}",
            "User-Agent: kube-apiserver-admission",
            "Accept: application/json, */*",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        while True:
            wire = self._take(target)
            if wire is None:
                wire = await self._open(target, url)
            try:
                answer = await wire.ask(head, body, limit)
            except BaseException as error:
                self._later(wire.close())
                if isinstance(error, HookError):
                    msg = f'Post "{url}": {error}'
                    raise HookError(msg) from error
                if not isinstance(error, (OSError, EOFError)):
                    raise
                if wire.used:  # the other side had ended it meanwhile: that says nothing of a new one
                    continue
                msg = f'Post "{url}": {unreachable(error, target.authority)}'
                raise HookError(msg) from error
            self._give_back(target, wire, answer)
            return answer

    async def _open(self, target: HookTarget, url: str) -> Wire:
        where = target.authority
        try:
            context = self._context(target.ca)
            if target.service is None:
                return await connect(target.host, target.port, context, target.host)
            backends = backends_of(target.service, self._lookup)
            backend = random.choice(backends)  # noqa: S311 - spreads load, no secret
            where = f"{backend.host}:{backend.port}"
            return await self._open_backend(backend, context, target.service.server_name)
        except (OSError, EOFError) as error:  # before ValueError: a bad certificate is both
            msg = f'Post "{url}": {unreachable(error, where)}'
            raise HookError(msg) from error
        except (ApiError, ValueError) as error:
            msg = f'Post "{url}": {error}'
            raise HookError(msg) from error

    async def _open_backend(self, backend: Backend, context: ssl.SSLContext, name: str) -> Wire:
        streams = self._streams()
        if streams is not None and backend.pod is not None and backend.pod["spec"].get("nodeName"):
            stream = await streams.dial(backend.pod, backend.port)
            return await connect_through(stream, context, name)
        return await connect(backend.host, backend.port, context, name)

    def _context(self, ca: bytes) -> ssl.SSLContext:
        found = self._contexts.get(ca)
        if found is None:
            try:
                found = ssl.create_default_context(cadata=ca.decode() if ca else None)
            except (ssl.SSLError, UnicodeDecodeError) as error:
                msg = f"unable to load root certificates: {error}"
                raise ValueError(msg) from error
            found.set_alpn_protocols(["http/1.1"])
            self._contexts[ca] = found
        return found

    # -- idle connections

    def _take(self, target: HookTarget) -> Wire | None:
        wires = self._idle.get(target)
        while wires:
            wire = wires.pop()
            if wire.alive:
                return wire
            self._later(wire.close())
        return None

    def _give_back(self, target: HookTarget, wire: Wire, answer: Answer) -> None:
        wires = self._idle.setdefault(target, [])
        wanted = any(target in targets for targets in self._used.values())
        if not (answer.keep and wanted) or len(wires) >= _MOST_IDLE:
            self._later(wire.close())
            return
        loop = asyncio.get_running_loop()
        wire.since = loop.time()
        wires.append(wire)
        if self._timer is None:
            self._timer = loop.call_later(_IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """End what was idle for long."""
        loop = asyncio.get_running_loop()
        self._timer = None
        for target, wires in list(self._idle.items()):
            old = [wire for wire in wires if loop.time() - wire.since >= _IDLE_SECONDS]
            for wire in old:
                wires.remove(wire)
                self._later(wire.close())
            if not wires:
                del self._idle[target]
        if self._idle:
            self._timer = loop.call_later(_IDLE_SECONDS, self._sweep)

    def _later(self, ending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_quietly(ending), name="webhook connection ends")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _quietly(ending: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(OSError, ApiError):
        await ending
