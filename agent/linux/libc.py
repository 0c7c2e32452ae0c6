"""Thin wrappers around the system calls that Python's standard library lacks.

Each is three lines: call, check, raise OSError with what was attempted. They never retry, log or decide; callers run
them off the event loop where they may block. ctypes releases the GIL during each call.
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

MS_RDONLY: Final = 1
MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_REMOUNT: Final = 32
MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
MS_SLAVE: Final = 1 << 19
MS_SHARED: Final = 1 << 20

MNT_DETACH: Final = 2
UMOUNT_NOFOLLOW: Final = 8

CLONE_FS: Final = 0x00000200
CLONE_NEWNS: Final = 0x00020000
CLONE_NEWCGROUP: Final = 0x02000000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWNET: Final = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    """Return the result of a call, or raise OSError naming what was attempted."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot {what}: {os.strerror(number)}")
    return result


def mount(source: str, target: str, fs_type: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2). `data` is cut by the kernel at one page: longer is refused here instead."""
    if len(os.fsencode(data)) >= os.sysconf("SC_PAGESIZE"):
        raise OSError(7, f"cannot mount {target}: options exceed one page")
    arguments = (os.fsencode(source), os.fsencode(target), os.fsencode(fs_type), flags, os.fsencode(data))
    _check(_libc.mount(*arguments[:3], ctypes.c_ulong(flags), arguments[4]), f"mount {fs_type or source} on {target}")


def umount2(target: str, flags: int = 0) -> None:
    """umount2(2)."""
    _check(_libc.umount2(os.fsencode(target), flags), f"unmount {target}")


def unshare(flags: int) -> None:
    """unshare(2): moves the calling thread only, so never call it on a thread that lives on."""
    _check(_libc.unshare(flags), f"unshare namespaces {flags:#x}")


def setns(fd: int, kind: int) -> None:
    """setns(2): moves the calling thread only, so never call it on a thread that lives on."""
    _check(_libc.setns(fd, kind), f"enter namespace {kind:#x}")


def sethostname(name: str) -> None:
    """sethostname(2) in the calling thread's uts namespace."""
    raw = os.fsencode(name)
    _check(_libc.sethostname(raw, len(raw)), f"set host name {name}")


def inotify_init() -> int:
    """A new non-blocking, close-on-exec inotify descriptor."""
    return _check(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), "open inotify")


def inotify_add_watch(fd: int, path: str, mask: int) -> int:
    """Watch `path` for the events of `mask`; returns the watch descriptor."""
    return _check(_libc.inotify_add_watch(fd, os.fsencode(path), mask), f"watch {path}")
