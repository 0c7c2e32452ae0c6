"""The agent's end of byte streams: dials Session with the id it was given and serves exec, attach, logs or a port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any, cast

import grpc.aio

from podwright.agent.link.port_forward import connect_inside
from podwright.agent.pods.host import Host
from podwright.agent.pods.logs import LogError, LogOptions, open_log
from podwright.agent.pods.manager import PodManager
from podwright.agent.pods.ports import HostError, IOStream
from podwright.agent.pods.spec import unix
from podwright.agent.pods.worker import PodWorker
from podwright.proto.node.v1 import node_pb2 as pb
from podwright.proto.node.v1 import node_pb2_grpc as rpc

log = logging.getLogger(__name__)
JSON = dict[str, Any]
CHUNK = 32 * 1024
_EOF: Any = cast("Any", grpc.aio).EOF
SUCCESS: JSON = {"metadata": {}, "status": "Success"}


class Refusal(Exception):
    """The stream cannot be had; `status` is what the client is told."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status: JSON = {
            "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code,
        }  # fmt: skip


def exit_status(code: int) -> JSON:
    """Return the v1 Status of a command that ended with this code."""
    if code == 0:
        return SUCCESS
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


class Streams:
    """Serves sessions of one node's pods."""

    def __init__(self, host: Host, manager: PodManager) -> None:
        self._host = host
        self._manager = manager
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, request: pb.SessionRequest, channel: grpc.aio.Channel) -> None:
        """Serve a session in the background."""
        task = asyncio.create_task(self._serve(request, channel), name=f"session {request.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End all sessions."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, request: pb.SessionRequest, channel: grpc.aio.Channel) -> None:
        stub: Any = rpc.NodeStub(channel)
        call = stub.Session()
        try:
            await call.write(pb.Frame(channel=pb.Frame.HELLO, data=request.id.encode()))
            try:
                status = await self._work(request, call)
            except Refusal as e:
                status = e.status
            except HostError as e:
                status = Refusal(500, "InternalError", f"Internal error occurred: {e.message}").status
            await call.write(pb.Frame(channel=pb.Frame.STATUS, data=json.dumps(status).encode()))
            await call.done_writing()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError, grpc.aio.UsageError) as e:
            log.debug("Session %s ended early: %s", request.id, e)
        except Exception:
            log.exception("Cannot serve a session of pod %s/%s", request.namespace, request.pod)
        finally:
            call.cancel()

    async def _work(self, request: pb.SessionRequest, call: Any) -> JSON:
        worker = self._manager.worker(request.namespace, request.pod, request.pod_uid)
        if worker is None:
            raise Refusal(404, "NotFound", f'pods "{request.pod}" not found')
        match request.WhichOneof("kind"):
            case "logs":
                return await self._logs(worker, request.logs, call)
            case "exec":
                command = list(request.exec.command)
                cid = self._running(worker, request.exec.container)
                stream = await self._host.runtime.exec(
                    cid, command, tty=request.exec.tty, stdin=request.exec.stdin
                )  # fmt: skip
                return exit_status(await _relay(stream, call, stdin=request.exec.stdin))
            case "attach":
                cid = self._running(worker, request.attach.container)
                stream = await self._host.runtime.attach(cid, stdin=request.attach.stdin)
                return exit_status(await _relay(stream, call, stdin=request.attach.stdin))
            case "port_forward":
                return await self._forward(worker, request.port_forward.port, call)
            case _:
                raise Refusal(400, "BadRequest", "unknown kind of session")

    def _running(self, worker: PodWorker, container: str) -> str:
        attempt = worker.running(container)
        if attempt is None:
            raise Refusal(404, "NotFound", f'container not found ("{container}")')
        return attempt.id

    async def _logs(self, worker: PodWorker, asked: pb.Logs, call: Any) -> JSON:
        options = LogOptions(
            container=asked.container, follow=asked.follow, previous=asked.previous, timestamps=asked.timestamps,
            since=unix(asked.since_time) if asked.since_time else 0.0,
            tail_lines=asked.tail_lines if asked.HasField("tail_lines") else None,
            limit_bytes=asked.limit_bytes if asked.HasField("limit_bytes") else None,
        )  # fmt: skip
        try:
            pieces = open_log(self._host, worker, options)
        except LogError as e:
            raise Refusal(400, "BadRequest", str(e)) from e
        await call.write(pb.Frame(channel=pb.Frame.STDOUT))  # the log is open
        reading = asyncio.create_task(_pour(pieces, call))
        hung_up = asyncio.create_task(call.read())
        try:
            await asyncio.wait((reading, hung_up), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await reading
        finally:
            for task in (reading, hung_up):
                task.cancel()
            await asyncio.gather(reading, hung_up, return_exceptions=True)
        return SUCCESS

    async def _forward(self, worker: PodWorker, port: int, call: Any) -> JSON:
        prepared = worker.state.prepared
        if prepared is None:
            raise Refusal(404, "NotFound", f"pod {worker.ref.name} has no network yet")
        try:
            reader, writer = await connect_inside(prepared.sandbox.netns, port)
        except OSError as e:
            text = f"failed to connect to localhost:{port} inside the pod: {e.strerror or e}"
            raise Refusal(500, "InternalError", text) from e
        try:
            upward = asyncio.create_task(_feed(call, writer))
            while data := await reader.read(CHUNK):
                await call.write(pb.Frame(channel=pb.Frame.STDOUT, data=data))
            upward.cancel()
        finally:
            writer.close()
        return SUCCESS


async def _pour(pieces: AsyncIterator[bytes], call: Any) -> None:
    async for piece in pieces:
        for at in range(0, len(piece), CHUNK):
            await call.write(pb.Frame(channel=pb.Frame.STDOUT, data=piece[at : at + CHUNK]))


async def _feed(call: Any, writer: asyncio.StreamWriter) -> None:
    """Carry the client's bytes to a socket until it stops sending."""
    with contextlib.suppress(ConnectionError):
        while (frame := await call.read()) is not _EOF:
            if frame.channel == pb.Frame.STDIN:
                writer.write(frame.data)
                await writer.drain()
            elif frame.channel == pb.Frame.CLOSE_STDIN and writer.can_write_eof():
                writer.write_eof()
    if writer.can_write_eof():
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()


_CHANNELS = {1: pb.Frame.STDOUT, 2: pb.Frame.STDERR}


async def _relay(stream: IOStream, call: Any, *, stdin: bool) -> int:
    """Carry bytes both ways until the process ends; returns its exit code. A client that hangs up ends it."""
    upward = asyncio.create_task(_input(stream, call, stdin=stdin))
    downward = asyncio.create_task(_output(stream, call))
    try:
        await asyncio.wait((upward, downward), return_when=asyncio.FIRST_COMPLETED)
        if not downward.done():
            return 0  # the client is gone
        await downward
        return await stream.wait()
    finally:
        for task in (upward, downward):
            task.cancel()
        await asyncio.gather(upward, downward, return_exceptions=True)
        await stream.close()


async def _output(stream: IOStream, call: Any) -> None:
    async for channel, data in stream.output():
        await call.write(pb.Frame(channel=_CHANNELS.get(channel, pb.Frame.STDOUT), data=data))


async def _input(stream: IOStream, call: Any, *, stdin: bool) -> None:
    """Feed the process; returns when the client hangs up."""
    while (frame := await call.read()) is not _EOF:
        if frame.channel == pb.Frame.STDIN and stdin:
            await stream.write(frame.data)
        elif frame.channel == pb.Frame.CLOSE_STDIN and stdin:
            await stream.close_stdin()
        elif frame.channel == pb.Frame.RESIZE:
            size = json.loads(frame.data)
            await stream.resize(int(size["width"]), int(size["height"]))
