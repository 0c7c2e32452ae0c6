"""Kernel settings of a pod's own namespaces. /proc/sys answers for the namespaces of the thread that opens a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

# As container runtimes set them: any group may ping, and no port needs a privilege inside a pod.
POD_DEFAULTS: Final[Mapping[str, str]] = {
    "net.ipv4.ping_group_range": "0 2147483647",
    "net.ipv4.ip_unprivileged_port_start": "0",
}


def file(name: str) -> Path:
    """The file of a setting. A slash instead of a dot separates too, and keeps the dots of an interface's name."""
    separator = next((char for char in name if char in "./"), ".")
    path = name.replace(".", "/") if separator == "." else name
    if ".." in path.split("/") or path.startswith("/"):
        raise ValueError(f"cannot set {name}: not a kernel setting")
    return Path("/proc/sys", path)


def apply(settings: Mapping[str, str]) -> None:
    """Write settings in the calling thread's namespaces. Raises OSError naming the setting."""
    for name, value in settings.items():
        try:
            file(name).write_text(value)
        except OSError as error:
            raise OSError(error.errno, f"cannot set {name}={value}: {error.strerror}") from error
