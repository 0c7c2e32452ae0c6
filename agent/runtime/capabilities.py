"""Which Linux capabilities a container gets. Pure; the set the host can give at all is an input.

Not putting a wanted capability into the inheritable or ambient set is deliberate and upstream's behaviour: a process
that does not run as root gets none of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

# In the kernel's numbering (linux/capability.h).
_NAMES: Final = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE "
    "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT "
    "SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL "
    "SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
)
_USUAL: Final = (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT "
    "KILL AUDIT_WRITE"
)
ALL: Final = tuple(f"CAP_{name}" for name in _NAMES.split())
# What the field's container runtimes give by default.
DEFAULT: Final = frozenset(f"CAP_{name}" for name in _USUAL.split())


def normalize(name: str) -> str:
    """The kernel's spelling: "net_admin" is CAP_NET_ADMIN."""
    upper = name.upper()
    return upper if upper.startswith("CAP_") or upper == "ALL" else f"CAP_{upper}"


def resolve(add: Sequence[str], drop: Sequence[str], *, privileged: bool, available: Collection[str]) -> list[str]:
    """The container's capabilities in the kernel's order. "ALL" is honoured in both lists, and drops come first.

    A name that this kernel does not know gives nothing: a manifest may have been written for a newer one.
    """
    added, dropped = {normalize(name) for name in add}, {normalize(name) for name in drop}
    if privileged or "ALL" in added:
        chosen = set(ALL) - (set() if privileged else dropped)
    else:
        chosen = set() if "ALL" in dropped else set(DEFAULT) - dropped
    chosen |= added - {"ALL"}
    return [name for name in ALL if name in chosen and name in available]


def of_mask(mask: int) -> frozenset[str]:
    """Names for a bit mask as /proc/<pid>/status shows it."""
    return frozenset(name for bit, name in enumerate(ALL) if mask >> bit & 1)
