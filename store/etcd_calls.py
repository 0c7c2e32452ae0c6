"""Calls to an etcd cluster of several members: which one to ask, when to ask another, how to stay logged in.

Reads are repeated until one member answers or time is up. Writes are repeated only where it is certain that the
first try did not happen; otherwise the caller gets StoreUnavailable and must look for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio

from podwright.store import etcd_rpc as rpc
from podwright.store.etcd_errors import Meaning, meaning
from podwright.store.etcd_url import EtcdConfig
from podwright.store.protocol import StoreError, StoreUnavailable

CALL_SECONDS = 10.0  # for one call with all its tries
READ_TRY_SECONDS = 3.0
WRITE_TRY_SECONDS = 6.0  # longer than an election takes
CONNECT_SECONDS = 2.0
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.keepalive_time_ms", 6000),  # etcd drops clients that ping more often than every 5 s
    ("grpc.keepalive_timeout_ms", 3000),
    ("grpc.http2.ping_timeout_ms", 3000),  # its default, a minute, would win over the line above
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.enable_http_proxy", 0),
)


class RevisionCompacted(Exception):
    """etcd no longer has the revision asked for."""


class RevisionAhead(Exception):
    """etcd does not yet have the revision asked for."""


class Members:
    """The cluster's members, one of which is preferred until it fails."""

    def __init__(self, config: EtcdConfig) -> None:
        self._config = config
        self._credentials = _credentials(config)
        self._channels: dict[int, grpc.aio.Channel] = {}
        self._preferred = 0
        self._token: str | None = None
        self._login = asyncio.Lock()
        self._closed = False

    async def read(self, method: str, request: Any) -> Any:
        """Call something that may be repeated. Raises StoreUnavailable, RevisionCompacted, RevisionAhead."""
        return await self._call(method, request, repeatable=True)

    async def write(self, method: str, request: Any) -> Any:
        """Call something that must not happen twice. StoreUnavailable: it may have happened."""
        return await self._call(method, request, repeatable=False)

    @asynccontextmanager
    async def watch(self, create: Any) -> AsyncGenerator[AsyncIterator[Any]]:
        """Open one watch on the preferred member; yields its responses. Any error means: open it again."""
        index = self._preferred
        done = asyncio.Event()
        stream: Any = None

        async def requests() -> AsyncIterator[Any]:
            yield rpc.WatchRequest(create_request=create)
            await done.wait()

        try:
            channel = await self._connected(index)
            stream = rpc.watch(channel, requests(), await self._metadata(channel))
            yield stream
        except _NotConnected as error:
            raise StoreUnavailable(f"cannot watch etcd: {error}") from error
        except grpc.aio.AioRpcError as error:
            await self._react(index, meaning(error.code().name, error.details() or ""), error)
            raise StoreUnavailable(f"cannot watch etcd: {_text(error)}") from error
        finally:
            done.set()
            if stream is not None:
                stream.cancel()

    async def forget_login(self) -> None:
        """Log in again before the next call."""
        self._token = None

    async def close(self) -> None:
        """Close all connections; calls under way fail."""
        self._closed = True
        channels, self._channels = list(self._channels.values()), {}
        for channel in channels:
            await channel.close()

    async def _call(self, method: str, request: Any, *, repeatable: bool) -> Any:
        deadline = asyncio.get_running_loop().time() + CALL_SECONDS
        pause = 0.01
        problem: Exception | None = None
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            index = self._preferred
            try:
                channel = await self._connected(index)
                metadata = await self._metadata(channel)
                timeout = min(left, READ_TRY_SECONDS if repeatable else WRITE_TRY_SECONDS)
                return await rpc.unary(channel, method)(request, timeout=timeout, metadata=metadata)
            except _NotConnected as error:
                problem = error
            except grpc.aio.AioRpcError as error:
                problem = error
                what = meaning(error.code().name, error.details() or "")
                await self._react(index, what, error)
                if what is Meaning.UNKNOWN and not repeatable:
                    raise StoreUnavailable(f"cannot tell whether a write happened: {_text(error)}") from error
            await asyncio.sleep(min(pause, max(deadline - asyncio.get_running_loop().time(), 0)))
            pause = min(pause * 2, 0.5)
        raise StoreUnavailable(
            f"cannot reach etcd at {', '.join(self._config.endpoints)}: {_text(problem)}"
        ) from problem

    async def _react(self, index: int, what: Meaning, error: grpc.aio.AioRpcError) -> None:
        """Change what the next try does, or raise what is final."""
        match what:
            case Meaning.COMPACTED:
                raise RevisionCompacted from error
            case Meaning.FUTURE:
                raise RevisionAhead from error
            case Meaning.FATAL:
                raise StoreError(f"cannot use etcd: {_text(error)}") from error
            case Meaning.LOGIN if self._config.user:
                self._token = None
            case Meaning.LOGIN:
                raise StoreError(f"cannot use etcd without user and password: {_text(error)}") from error
            case Meaning.NOT_SENT | Meaning.UNKNOWN:
                self._prefer_another(index)
            case Meaning.BUSY:
                pass

    async def _connected(self, index: int) -> grpc.aio.Channel:
        """Return the member's channel once it is connected, so that a write is never sent into nowhere."""
        if self._closed:
            raise StoreUnavailable("cannot use the store: it is closed")
        channel = self._channels.get(index)
        if channel is None:
            channel = self._channels[index] = self._open(self._config.endpoints[index])
        if channel.get_state(try_to_connect=True) is not grpc.ChannelConnectivity.READY:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await _ready(channel)
            except (TimeoutError, _NotConnected) as error:
                self._prefer_another(index)
                raise _NotConnected(f"{self._config.endpoints[index]} does not answer") from error
        return channel

    def _open(self, endpoint: str) -> grpc.aio.Channel:
        if self._credentials is None:
            return grpc.aio.insecure_channel(endpoint, options=_OPTIONS)
        return grpc.aio.secure_channel(endpoint, self._credentials, options=_OPTIONS)

    def _prefer_another(self, failed: int) -> None:
        if self._preferred == failed:
            self._preferred = (failed + 1) % len(self._config.endpoints)

    async def _metadata(self, channel: grpc.aio.Channel) -> tuple[tuple[str, str], ...]:
        leader = (("hasleader", "true"),)  # a member cut off from the others must refuse, not wait
        if not self._config.user:
            return leader
        if self._token is None:
            async with self._login:
                if self._token is None:
                    request = rpc.AuthenticateRequest(name=self._config.user, password=self._config.password)
                    answer = await rpc.unary(channel, "Auth/Authenticate")(request, timeout=READ_TRY_SECONDS)
                    self._token = str(answer.token)
        return (*leader, ("token", self._token))


class _NotConnected(Exception):
    """A member cannot be connected to."""


async def _ready(channel: grpc.aio.Channel) -> None:
    """Wait for a connection; give up at the first failure, other members may be up."""
    while (state := channel.get_state(try_to_connect=True)) is not grpc.ChannelConnectivity.READY:
        if state is grpc.ChannelConnectivity.TRANSIENT_FAILURE:
            raise _NotConnected("connection refused")
        await channel.wait_for_state_change(state)


def _credentials(config: EtcdConfig) -> grpc.ChannelCredentials | None:
    if not config.tls:
        return None
    try:
        parts = [path.read_bytes() if path else None for path in (config.ca, config.key, config.cert)]
    except OSError as error:
        raise StoreError(f"cannot read {error.filename}: {error.strerror}") from error
    return grpc.ssl_channel_credentials(*parts)


def _text(error: Exception | None) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return error.details() or error.code().name
    return str(error)
