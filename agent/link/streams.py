"""The agent's end of byte streams: dials Session with the id it was given and serves exec, attach, logs or a port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import grpc.aio

from podwright.agent.link.frames import BROKEN, CHUNK, FrameStream
from podwright.agent.link.port_forward import connect_inside
from podwright.agent.pods.host import Host
from podwright.agent.pods.logs import LogError, LogOptions, open_log
from podwright.agent.pods.manager import PodManager
from podwright.agent.pods.ports import HostError, IOStream
from podwright.agent.pods.spec import find, unix
from podwright.agent.pods.worker import PodWorker
from podwright.proto.node.v1 import node_pb2 as pb

log = logging.getLogger(__name__)
JSON = dict[str, Any]
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
        try:
            async with FrameStream(channel, request.id) as stream:
                try:
                    status = await self._work(request, stream)
                except Refusal as e:
                    status = e.status
                except HostError as e:
                    status = Refusal(500, "InternalError", f"Internal error occurred: {e.message}").status
                await stream.finish(status)
        except BROKEN as e:
            log.debug("Session %s ended early: %s", request.id, e)
        except Exception:
            log.exception("Cannot serve a session of pod %s/%s", request.namespace, request.pod)

    async def _work(self, request: pb.SessionRequest, stream: FrameStream) -> JSON:
        worker = self._manager.worker(request.namespace, request.pod, request.pod_uid)
        if worker is None:
            raise Refusal(404, "NotFound", f'pods "{request.pod}" not found')
        match request.WhichOneof("kind"):
            case "logs":
                return await self._logs(worker, request.logs, stream)
            case "exec":
                asked = request.exec
                cid = self._running(worker, asked.container)
                process = await self._host.runtime.exec(cid, list(asked.command), tty=asked.tty, stdin=asked.stdin)
                return exit_status(await _relay(process, stream, stdin=asked.stdin))
            case "attach":
                name = request.attach.container
                process = await self._host.runtime.attach(self._running(worker, name), stdin=request.attach.stdin)
                container = find(worker.pod, name)
                once = bool(container and container.spec.get("stdinOnce"))
                return exit_status(await _relay(process, stream, stdin=request.attach.stdin, detach=not once))
            case "port_forward":
                return await self._forward(worker, request.port_forward.port, stream)
            case _:
                raise Refusal(400, "BadRequest", "unknown kind of session")

    def _running(self, worker: PodWorker, container: str) -> str:
        attempt = worker.running(container)
        if attempt is None:
            raise Refusal(404, "NotFound", f'container not found ("{container}")')
        return attempt.id

    async def _logs(self, worker: PodWorker, asked: pb.Logs, stream: FrameStream) -> JSON:
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
        await stream.write(pb.Frame.STDOUT)  # the log is open
        await _until_first(_pour(pieces, stream), stream.hung_up.wait())
        return SUCCESS

    async def _forward(self, worker: PodWorker, port: int, stream: FrameStream) -> JSON:
        prepared = worker.state.prepared
        if prepared is None:
            raise Refusal(404, "NotFound", f"pod {worker.ref.name} has no network yet")
        try:
            reader, writer = await connect_inside(prepared.sandbox.netns, port)
        except OSError as e:
            text = f"failed to connect to localhost:{port} inside the pod: {e.strerror or e}"
            raise Refusal(500, "InternalError", text) from e
        try:
            feeding = asyncio.create_task(_feed(stream, writer))
            await _until_first(_drain(reader, stream), _both(feeding, stream.hung_up))
        finally:
            writer.close()
        return SUCCESS


async def _until_first(*works: Coroutine[Any, Any, Any]) -> None:
    """Run all until the first is done; its error is ours."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _both(feeding: asyncio.Task[None], hung_up: asyncio.Event) -> None:
    """Wait for the client to vanish; one that only has no more to send still reads."""
    try:
        await feeding
        await hung_up.wait()
    finally:
        feeding.cancel()


async def _pour(pieces: AsyncIterator[bytes], stream: FrameStream) -> None:
    async for piece in pieces:
        await stream.write(pb.Frame.STDOUT, piece)


async def _drain(reader: asyncio.StreamReader, stream: FrameStream) -> None:
    while data := await reader.read(CHUNK):
        await stream.write(pb.Frame.STDOUT, data)


async def _feed(stream: FrameStream, writer: asyncio.StreamWriter) -> None:
    """Carry the client's bytes to a socket until it stops sending."""
    with contextlib.suppress(ConnectionError):
        while (frame := await stream.next()) is not None:
            if frame.channel == pb.Frame.STDIN:
                writer.write(frame.data)
                await writer.drain()
            elif frame.channel == pb.Frame.CLOSE_STDIN:
                break
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


_CHANNELS = {1: pb.Frame.STDOUT, 2: pb.Frame.STDERR}


async def _relay(process: IOStream, stream: FrameStream, *, stdin: bool, detach: bool = False) -> int:
    """Carry bytes both ways until the process ends; returns its exit code. A client that hangs up ends it.

    `detach`: the end of the client's input ends the stream, and the process goes on.
    """
    feeding = asyncio.create_task(_input(process, stream, stdin=stdin, detach=detach))
    try:
        over = feeding if detach else asyncio.create_task(stream.hung_up.wait())
        await _until_first(_output(process, stream), _wait(over))
        return 0 if stream.hung_up.is_set() else await process.wait()
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await process.close()


async def _output(process: IOStream, stream: FrameStream) -> None:
    async for channel, data in process.output():
        await stream.write(_CHANNELS.get(channel, pb.Frame.STDOUT), data)


async def _wait(task: asyncio.Task[Any]) -> None:
    try:
        await asyncio.shield(task)
    finally:
        task.cancel()


async def _input(process: IOStream, stream: FrameStream, *, stdin: bool, detach: bool) -> None:
    """Feed the process until the client has no more to say."""
    while (frame := await stream.next()) is not None:
        if frame.channel == pb.Frame.STDIN and stdin:
            await process.write(frame.data)
        elif frame.channel == pb.Frame.CLOSE_STDIN and stdin:
            if detach:
                return
            await process.close_stdin()
        elif frame.channel == pb.Frame.RESIZE:
            size = json.loads(frame.data)
            await process.resize(int(size["width"]), int(size["height"]))
