"""Runs commands inside a running container: `crun exec` with our own pipes, or with a terminal of the container's.

The OCI runtime stays the parent of the command and ends with its exit code. Its own complaints go to a log of their
own, so that "the command failed" and "the command could not be run" never mix.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import struct
import subprocess
import termios
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from podwright.agent.linux import spawn, streams
from podwright.agent.linux.processes import identify, send_signal
from podwright.agent.linux.spawn import Child
from podwright.agent.linux.streams import Outputs
from podwright.agent.pods.ports import ExecResult, HostError
from podwright.agent.runtime.oci_runtime import OciRuntime
from podwright.agent.runtime.oci_spec import exec_process
from podwright.agent.runtime.records import ContainerFolder
from podwright.agent.runtime.refusals import explain

OUTPUT_LIMIT: Final = 16 << 10  # bytes kept of each output of a bounded exec
DRAIN_SECONDS: Final = 0.2  # for output still on its way when the command has ended
TERMINAL_SECONDS: Final = 15.0  # for the runtime to hand over the terminal


@dataclass(frozen=True, slots=True)
class _Order:
    """What to run where. `log` is a memory file that takes the runtime's own complaints."""

    container_id: str
    folder: ContainerFolder
    command: tuple[str, ...]
    pid_file: Path
    log: int


class Execution:
    """One command in a container; implements `IOStream`. Made by `execute`."""

    def __init__(
        self, child: Child, order: _Order, outputs: Outputs, *, stdin: int | None, terminal: int | None
    ) -> None:
        self._child = child
        self._order = order
        self._outputs = outputs
        self._stdin = stdin
        self._terminal = terminal
        self._refusal = ""
        self._exit = asyncio.ensure_future(self._watch())

    def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """Everything the command writes until it ends or the stream is closed."""
        return self._outputs.chunks()

    async def write(self, data: bytes) -> None:
        """Feed stdin; dropped once nobody reads it any more."""
        target = self._terminal if self._terminal is not None else self._stdin
        if target is not None:
            with contextlib.suppress(BrokenPipeError, OSError):
                await streams.write_all(target, data)

    async def close_stdin(self) -> None:
        """Signal end of input. On a terminal that is a key, which clients send themselves."""
        if self._stdin is not None:
            os.close(self._stdin)
            self._stdin = None

    async def resize(self, width: int, height: int) -> None:
        """Set the terminal's size in character cells."""
        if self._terminal is not None:
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
            self._child.signal(signal.SIGWINCH)  # for a runtime that stands between this terminal and the container's

    async def wait(self) -> int:
        """Exit code of the command. Raises HostError(StartError) when it could not be run."""
        code = await asyncio.shield(self._exit)
        if self._refusal:
            raise HostError("StartError", self._refusal, retry=False)
        return code

    async def kill(self) -> None:
        """SIGKILL the command."""
        if self._child.returncode is not None:
            return
        if not await asyncio.to_thread(self._kill):
            self._child.kill()

    async def close(self) -> None:
        """Let go; a command that still runs is killed."""
        await self.kill()
        await asyncio.shield(self._exit)
        self._outputs.close()
        await self.close_stdin()
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None

    async def _watch(self) -> int:
        try:
            code = await self._child.wait()
            complaint = os.pread(self._order.log, 4096, 0).decode(errors="replace").strip()
            if complaint and code:
                self._refusal = explain(complaint, self._order.command)
        finally:
            await self._child.end()
            os.close(self._order.log)
            await asyncio.to_thread(self._order.pid_file.unlink, missing_ok=True)
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._outputs.finish)
        return code

    def _kill(self) -> bool:
        """Kill the command itself, if it has got so far that its pid is known. Blocks."""
        try:
            # The runtime waits for it, so its pid is not given away while the runtime runs.
            process = identify(int(self._order.pid_file.read_text()))
        except (FileNotFoundError, ValueError):
            return False
        return process is not None and send_signal(process, signal.SIGKILL)


class Executor:
    """Starts commands in containers with one OCI runtime."""

    def __init__(self, runtime: OciRuntime) -> None:
        self._runtime = runtime
        self._count = 0

    async def execute(
        self, container_id: str, folder: ContainerFolder, command: Sequence[str], *, tty: bool, stdin: bool
    ) -> Execution:
        """Start a command. Raises HostError: StartError when it cannot be run, ExecError for anything else."""
        self._count += 1
        name = f"exec-{os.getpid()}-{self._count}"
        order = _Order(container_id, folder, tuple(command), folder.path / f"{name}.pid", os.memfd_create("exec-log"))
        try:
            with contextlib.ExitStack() as ours:
                ours.callback(os.close, order.log)
                started = await (self._on_terminal(order, name, ours) if tty else self._on_pipes(order, stdin, ours))
                ours.pop_all()  # everything belongs to the execution now
                return started
        except (OSError, TimeoutError) as error:
            raise HostError("ExecError", f"cannot run command in container: {str(error) or 'no answer'}") from error

    async def _on_pipes(self, order: _Order, stdin: bool, ours: contextlib.ExitStack) -> Execution:
        with contextlib.ExitStack() as theirs:
            out, out_end = streams.pipe()
            err, err_end = streams.pipe()
            feed, source = None, subprocess.DEVNULL
            if stdin:
                source, feed = streams.pipe()
                os.set_blocking(feed, False)
                ours.callback(os.close, feed)
                theirs.callback(os.close, source)
            for fd in (out, err):
                ours.callback(os.close, fd)
            for fd in (out_end, err_end):
                theirs.callback(os.close, fd)
            child = await self._spawn(order, tty=False, stdin=source, stdout=out_end, stderr=err_end)
        return Execution(child, order, Outputs({1: out, 2: err}), stdin=feed, terminal=None)

    async def _on_terminal(self, order: _Order, name: str, ours: contextlib.ExitStack) -> Execution:
        if self._runtime.hands_over_terminals:
            child, terminal = await self._handed_over(order, name)
        else:
            terminal, end = os.openpty()
            try:
                child = await self._spawn(order, tty=True, stdin=end, stdout=end, stderr=end)
            except BaseException:
                os.close(terminal)
                raise
            finally:
                os.close(end)
        ours.callback(os.close, terminal)
        writing = os.dup(terminal)
        ours.callback(os.close, writing)
        os.set_blocking(writing, False)
        return Execution(child, order, Outputs({1: terminal}), stdin=None, terminal=writing)

    async def _handed_over(self, order: _Order, name: str) -> tuple[Child, int]:
        """Have the runtime send us the container's own terminal."""
        folder = os.open(order.folder.path, os.O_PATH | os.O_CLOEXEC)
        # Socket addresses end at 108 bytes, container folders do not: both sides go through a descriptor.
        address = f"/proc/self/fd/{folder}/{name}.sock"
        with contextlib.ExitStack() as here, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            here.callback(os.close, folder)
            listener.setblocking(False)
            listener.bind(address)
            here.callback((order.folder.path / f"{name}.sock").unlink, missing_ok=True)
            listener.listen(1)
            child = await self._spawn(order, tty=True, extra=("--console-socket", address), pass_fds=(folder,))
            try:
                terminal = await _terminal(listener, child)
            except BaseException:
                await child.end()
                raise
        if terminal is None:
            complaint = os.pread(order.log, 4096, 0).decode(errors="replace")
            raise HostError("StartError", explain(complaint, order.command), retry=False)
        return child, terminal

    async def _spawn(
        self,
        order: _Order,
        *,
        tty: bool,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
        extra: Sequence[str] = (),
        pass_fds: Sequence[int] = (),
    ) -> Child:
        process, score = await asyncio.to_thread(_process_file, order, tty=tty)
        try:
            argv = self._runtime.argv(
                "--log", f"/proc/self/fd/{order.log}",
                "exec", "--process", f"/proc/self/fd/{process}", "--pid-file", str(order.pid_file),
                *(("--tty",) if tty else ()), *extra, order.container_id,
            )  # fmt: skip
            inherited = (process, order.log, *self._runtime.inherited, *pass_fds)
            child = await spawn.spawn(
                argv, stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=inherited, isolation=self._runtime.isolation
            )
            # The runtime ignores the score that an exec asks for; what it starts inherits its own.
            with contextlib.suppress(OSError):
                Path(f"/proc/{child.pid}/oom_score_adj").write_text(str(score))  # noqa: ASYNC240 - no disk behind it
            return child
        finally:
            os.close(process)


def _process_file(order: _Order, *, tty: bool) -> tuple[int, int]:
    """A memory file that tells the runtime what to run, and how soon it goes when memory runs out; blocks."""
    spec = orjson.loads(order.folder.config.read_bytes())
    file = os.memfd_create("exec-process")
    process = exec_process(spec, order.command, tty=tty)
    os.write(file, orjson.dumps(process))
    return file, process.get("oomScoreAdj") or 0


async def run_bounded(execution: Execution, timeout: float) -> ExecResult:
    """Wait for a command, keeping the first 16 KiB of each output; on timeout (seconds) it is killed."""
    kept = {1: bytearray(), 2: bytearray()}

    async def collect() -> int:
        async for channel, data in execution.output():
            room = OUTPUT_LIMIT - len(kept[channel])
            kept[channel] += data[:room]
        return await execution.wait()

    timed_out = False
    code = -1
    try:
        async with asyncio.timeout(timeout):
            code = await collect()
    except TimeoutError:
        timed_out = True
    finally:
        await execution.close()
    return ExecResult(exit_code=code, stdout=bytes(kept[1]), stderr=bytes(kept[2]), timed_out=timed_out)


async def _terminal(listener: socket.socket, child: Child) -> int | None:
    """The terminal that the runtime hands over; None when it ended without. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    ended = asyncio.ensure_future(child.wait())
    accepted = asyncio.ensure_future(loop.sock_accept(listener))
    try:
        async with asyncio.timeout(TERMINAL_SECONDS):
            await asyncio.wait((ended, accepted), return_when=asyncio.FIRST_COMPLETED)
        if not accepted.done():
            return None
        connection, _ = accepted.result()
        with connection:
            async with asyncio.timeout(TERMINAL_SECONDS):
                await streams.readable(connection.fileno())
            _, fds, _, _ = socket.recv_fds(connection, 4096, 1)
        return fds[0] if fds else None
    finally:
        for task in (ended, accepted):
            task.cancel()
        await asyncio.gather(ended, accepted, return_exceptions=True)
