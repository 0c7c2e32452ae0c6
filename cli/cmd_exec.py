"""`pw exec`: run a command in a container, with a terminal if asked for; its exit code becomes ours."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import termios
import tty as ttys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from podwright.cli.errors import CliError
from podwright.cli.finding import POD, container_of, pod_of
from podwright.cli.parameters import CONTAINER
from podwright.cli.parameters import POD as POD_ARGUMENT
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse

_STDIN, _STDOUT, _STDERR, _STATUS, _RESIZE, _CLOSE = 0, 1, 2, 3, 4, 255


@click.command("exec", context_settings={"ignore_unknown_options": True})
@POD_ARGUMENT
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@CONTAINER
@click.option("-i", "--stdin", is_flag=True, help="Pass standard input on.")
@click.option("-t", "--tty", is_flag=True, help="Standard input is a terminal.")
@api_command
async def exec_(session: Session, what: str, command: tuple[str, ...], container: str, stdin: bool, tty: bool) -> None:
    """Example:  pw exec -it deploy/simpleserver -- sh"""
    if not command:
        raise CliError("you must specify at least one command for the container: pw exec POD -- COMMAND [args...]")
    if tty and not sys.stdin.isatty():
        click.echo("Unable to use a TTY - input is not a terminal or the right kind of file", err=True)
        tty = False
    pod = await pod_of(session, what)
    name = pod["metadata"]["name"]
    query = [("container", container_of(pod, container)), ("stdout", "true")]
    query += [("tty", "true")] if tty else [("stderr", "true")]
    if stdin:
        query.append(("stdin", "true"))
    query += [("command", word) for word in command]
    request = Request("GET", POD.path(session.namespace, name, "exec"), tuple(query))
    async with session.websockets() as transport:
        socket = await transport.websocket(request, ("v5.channel.k8s.io", "v4.channel.k8s.io"))
        async with socket:
            with _raw_terminal(tty):
                code = await _pump(socket, stdin=stdin, tty=tty)
    if code:
        if not tty:
            click.echo(f"command terminated with exit code {code}", err=True)
        sys.exit(code)


async def _pump(socket: ClientWebSocketResponse, *, stdin: bool, tty: bool) -> int:
    """Carry bytes both ways until the server's status comes; returns the exit code."""
    loop = asyncio.get_running_loop()
    tasks: list[asyncio.Task[None]] = []
    if stdin:
        tasks.append(asyncio.create_task(_send_input(socket)))
    if tty:
        changed = asyncio.Event()
        changed.set()  # the first size goes out at once
        loop.add_signal_handler(signal.SIGWINCH, changed.set)
        tasks.append(asyncio.create_task(_send_sizes(socket, changed)))
    status: dict[str, Any] | None = None
    try:
        async for message in socket:
            data: bytes = message.data
            channel, payload = data[0], data[1:]
            if channel == _STATUS:
                status = json.loads(payload)
            elif channel in {_STDOUT, _STDERR}:
                os.write(1 if channel == _STDOUT else 2, payload)
    finally:
        if tty:
            loop.remove_signal_handler(signal.SIGWINCH)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if status is None:
        raise CliError("the connection to the container broke before the command ended")
    return exit_code(status)


def exit_code(status: dict[str, Any]) -> int:
    """The command's exit code out of the final Status. Raises CliError for what kept the command from running."""
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or ():
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise CliError(f"cannot run the command: {status.get('message', 'unknown failure')}")


async def _send_input(socket: ClientWebSocketResponse) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    except (ValueError, OSError):  # a plain file, /dev/null: always ready, read as a whole
        while data := await asyncio.to_thread(os.read, 0, 32768):
            await socket.send_bytes(bytes([_STDIN]) + data)
        await socket.send_bytes(bytes([_CLOSE, _STDIN]))
        return
    try:
        while data := await reader.read(32768):
            await socket.send_bytes(bytes([_STDIN]) + data)
        await socket.send_bytes(bytes([_CLOSE, _STDIN]))
    finally:
        transport.close()


async def _send_sizes(socket: ClientWebSocketResponse, changed: asyncio.Event) -> None:
    while True:
        await changed.wait()
        changed.clear()
        size = os.get_terminal_size()
        text = json.dumps({"Width": size.columns, "Height": size.lines}).encode()
        await socket.send_bytes(bytes([_RESIZE]) + text)


@contextmanager
def _raw_terminal(tty: bool) -> Generator[None]:
    """Keys go to the container as they are typed; the terminal is as before afterwards, whatever happens."""
    if not tty:
        yield
        return
    before = termios.tcgetattr(0)
    try:
        ttys.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
