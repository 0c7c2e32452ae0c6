"""Starts child processes from the event loop, cheaply, and waits for them through pidfds.

asyncio's own subprocesses go through a child watcher (threads, or signal handlers under uvloop); here a child is
forked with vfork on a worker thread and its end is seen by a pidfd on the loop. A child may be started inside a
private mount namespace (see `Isolation`). Every child is waited for by its owner: no zombie, no lost process.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from podwright.agent.linux import libc
from podwright.agent.linux.mounts import Effect, Propagation
from podwright.agent.linux.streams import readable
from podwright.agent.linux.threads import in_own_thread


@dataclass(frozen=True, slots=True)
class Unmount:
    """Takes away one mount point."""

    target: str

    def describe(self) -> str:
        """The command that would do the same by hand."""
        return f"umount {self.target}"

    def execute(self) -> None:
        """Do it; nothing when it is not mounted."""
        try:
            libc.umount2(self.target, libc.MNT_DETACH)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOENT):
                raise


@dataclass(frozen=True, slots=True)
class Isolation:
    """A private mount namespace in which `hide` (mount points) are taken away for one child.

    Only the parent mounts of the hidden points become private, so that every other mount event still travels as it
    does on the host: a container's bidirectional volumes depend on it.
    """

    hide: tuple[str, ...] = ()

    def plan(self) -> list[Effect]:
        """What to do inside the new namespace."""
        effects: list[Effect] = []
        for point in self.hide:
            effects += [Propagation(str(Path(point).parent), libc.MS_PRIVATE), Unmount(point)]
        return effects


@asynccontextmanager
async def held(isolation: Isolation) -> AsyncGenerator[str]:
    """Keep such a namespace while the block runs; gives the file by which nsenter(1) and setns(2) enter it.

    It lives on a waiting thread and not on a descriptor, so that no child can inherit it and keep every mount of the
    host busy for as long as it runs.
    """
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[str] = loop.create_future()
    release = threading.Event()

    def report(path: str, error: OSError | None) -> None:
        if ready.done():
            return
        if error is None:
            ready.set_result(path)
        else:
            ready.set_exception(error)

    def hold() -> None:
        error = None
        try:
            libc.unshare(libc.CLONE_NEWNS)
            for effect in isolation.plan():
                effect.execute()
        except OSError as refused:
            error = refused
        loop.call_soon_threadsafe(report, f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/mnt", error)
        if error is None:
            release.wait()

    thread = threading.Thread(target=hold, name="podwright-mounts", daemon=True)
    thread.start()
    try:
        yield await ready
    finally:
        release.set()


class Child:
    """One running child process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid
        self._pidfd = os.pidfd_open(process.pid)
        self.returncode: int | None = None

    async def wait(self) -> int:
        """Exit code (128+N for signal N); safe to call again."""
        if self.returncode is None:
            await readable(self._pidfd)
            self._collect()
        assert self.returncode is not None
        return self.returncode

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        self.signal(signal.SIGKILL)

    async def end(self) -> None:
        """Kill it if it still runs and wait for it, even when we are being cancelled."""
        if self.returncode is None:
            self.kill()
            await asyncio.shield(asyncio.ensure_future(self.wait()))

    def _collect(self) -> None:
        if self.returncode is None:
            code = self._process.wait()  # returns at once: the pidfd said that it ended
            self.returncode = code if code >= 0 else 128 - code
            os.close(self._pidfd)


async def spawn(
    argv: Sequence[str],
    *,
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | None = subprocess.DEVNULL,
    stderr: int | None = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    isolation: Isolation | None = None,
) -> Child:
    """Start a process; raises OSError when its program cannot be run."""

    def start() -> subprocess.Popen[bytes]:
        # close_fds stays on: libraries open sockets without close-on-exec, and a monitor would hold them for days.
        return subprocess.Popen(
            argv, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=cwd, pass_fds=tuple(pass_fds)
        )

    def start_isolated() -> subprocess.Popen[bytes]:
        assert isolation is not None
        libc.unshare(libc.CLONE_NEWNS)
        for effect in isolation.plan():
            effect.execute()
        return start()

    hidden = isolation is not None and isolation.hide
    launch = asyncio.ensure_future(asyncio.to_thread((lambda: in_own_thread(start_isolated)) if hidden else start))
    try:
        return Child(await asyncio.shield(launch))
    except asyncio.CancelledError:
        # The thread cannot be stopped: take the child it makes and end it, so that none is lost.
        await Child(await launch).end()
        raise


@dataclass(frozen=True, slots=True)
class Finished:
    """A child that has ended, with what it wrote."""

    returncode: int
    stdout: bytes
    stderr: bytes


async def run(
    argv: Sequence[str],
    *,
    feed: bytes = b"",
    pass_fds: Sequence[int] = (),
    isolation: Isolation | None = None,
    timeout: float = 30.0,
) -> Finished:
    """Run a short command to its end, feeding `feed`; on timeout (seconds) it is killed and TimeoutError raised.

    For commands with little output: what they write goes through memory files, not pipes, so nothing can block.
    """
    files = [os.memfd_create(name) for name in ("in", "out", "err")]
    try:
        if feed:
            os.write(files[0], feed)
            os.lseek(files[0], 0, os.SEEK_SET)
        child = await spawn(
            argv, stdin=files[0], stdout=files[1], stderr=files[2], pass_fds=pass_fds, isolation=isolation
        )
        try:
            async with asyncio.timeout(timeout):
                code = await child.wait()
        finally:
            await child.end()
        return Finished(code, _contents(files[1]), _contents(files[2]))
    finally:
        for fd in files:
            os.close(fd)


def _contents(fd: int) -> bytes:
    return os.pread(fd, os.fstat(fd).st_size, 0)
