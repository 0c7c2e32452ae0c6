"""The first process of a process namespace that a pod's containers share: a program of its own, run by its path.

It is born in the cgroups whose files it is given, waits for whatever is left behind in the namespace, and holds
nothing: an empty root of its own (a container may look through /proc/1/root), no capabilities, no open files. Prints
its pid. Imports nothing of ours, so that it starts fast and stays small.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

_NEWNS, _NEWPID = 0x20000, 0x20000000
_REC_PRIVATE, _NOTHING, _DETACH = 0x44000, 0xF, 2  # mount and umount flags; _NOTHING: ro nosuid nodev noexec
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_NO_NEW_PRIVS = 38
_CAPABILITIES = (ctypes.c_uint32 * 2)(0x20080522, 0)
_NONE = (ctypes.c_uint32 * 6)()


def main() -> None:
    """Reads an empty folder, over which the root is made, and the cgroup.procs files to enter by, a line each.

    They come by stdin and not as arguments, which every container of the pod can read.
    """
    empty, *doors = sys.stdin.read().splitlines()
    libc = ctypes.CDLL(None, use_errno=True)
    for door in doors:
        with open(door, "w") as file:
            file.write(str(os.getpid()))
    _check(libc.unshare(_NEWNS | _NEWPID))
    ready, done = os.pipe()
    child = os.fork()
    if child:
        os.close(done)
        if os.read(ready, 1):  # nobody may join before it has let go of everything
            print(child)  # noqa: T201 - the answer
        return
    os.setsid()
    _check(libc.mount(None, b"/", None, _REC_PRIVATE, None))
    _check(libc.mount(b"none", empty.encode(), b"tmpfs", _NOTHING & ~1, b"size=4k,mode=555"))
    os.chdir(empty)
    _check(libc.syscall(_PIVOT_ROOT[platform.machine()], b".", b"."))
    _check(libc.umount2(b".", _DETACH))
    _check(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(libc.capset(_CAPABILITIES, _NONE))
    os.write(done, b".")
    os.closerange(0, 1024)
    ends = {signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    while True:
        signal.sigwait(ends)
        _take_in()


def _take_in() -> None:
    """Collect every child that has ended: all orphans of the namespace become ours."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main()
