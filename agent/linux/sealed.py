"""Programs run from memory: a sealed copy that nobody can change, a container least of all.

OCI runtimes protect their own binary from the containers they start by copying it to sealed memory and executing
themselves once more, at every call. Handed such a copy in the first place they skip that: a call of crun takes 1.3 ms
instead of 2.7 ms.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

# Exactly the seals that runtimes look for.
_SEALS: Final = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


def sealed_copy(program: str) -> int:
    """A descriptor of the copy. A child that inherits it runs it as `path_of` names it. Blocks; raises OSError."""
    fd = os.memfd_create(Path(program).name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with Path(program).open("rb") as source, os.fdopen(os.dup(fd), "wb") as copy:
            shutil.copyfileobj(source, copy)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    except OSError:
        os.close(fd)
        raise
    return fd


def path_of(fd: int) -> str:
    """The name of an inherited descriptor in any process that has it."""
    return f"/proc/self/fd/{fd}"
