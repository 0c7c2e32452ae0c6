"""Opens a path inside a volume so that nothing the pod does with symlinks leads out of it (openat2, Linux 5.6).

Blocking; call from a thread.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path, PurePosixPath

_SYS_OPENAT2 = 437
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_IN_ROOT = 0x10
_O_PATH = os.O_PATH

_libc = ctypes.CDLL(None, use_errno=True)


def open_beneath(root: Path, sub: str) -> int:
    """Open root/sub with O_PATH, resolving symlinks as if `root` were "/"; missing folders are made (mode 0750).

    The caller closes the descriptor. Raises OSError; ValueError never: a ".." part is EINVAL.
    """
    parts = [p for p in PurePosixPath(sub).parts if p != "/"]
    if ".." in parts:
        raise OSError(errno.EINVAL, "subPath must not contain '..'", sub)
    base = os.open(root, _O_PATH | os.O_CLOEXEC)
    try:
        if not parts:
            return os.dup(base)
        try:
            return _openat2(base, "/".join(parts))
        except FileNotFoundError:
            return _make_beneath(base, parts)
    finally:
        os.close(base)


def _make_beneath(base: int, parts: list[str]) -> int:
    """Make what is missing, one component at a time, each inside the folder opened before it."""
    for index, part in enumerate(parts):
        parent = _openat2(base, "/".join(parts[:index]) or ".")
        try:
            os.mkdir(part, 0o750, dir_fd=parent)
        except FileExistsError:
            pass
        finally:
            os.close(parent)
    return _openat2(base, "/".join(parts))


def _openat2(base: int, path: str) -> int:
    how = struct.pack("=QQQ", _O_PATH | os.O_CLOEXEC, 0, _RESOLVE_IN_ROOT | _RESOLVE_NO_MAGICLINKS)
    fd = _libc.syscall(_SYS_OPENAT2, base, os.fsencode(path), how, len(how))
    if fd < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), path)
    return int(fd)
