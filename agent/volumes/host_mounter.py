"""The mount operations of volumes on a real host."""

from __future__ import annotations

from pathlib import Path

from podwright.agent.linux import libc, mounts


class HostMounter:
    """Implements the volume manager's `Mounter`."""

    def tmpfs(self, target: Path, *, size: int, mode: int) -> None:
        """Mount a tmpfs that pods may also run programs from, as they may from any emptyDir."""
        options = f"mode={mode:o}" + (f",size={size}" if size else "")
        libc.mount("tmpfs", str(target), "tmpfs", 0, options)

    def bind(self, source: str, target: Path) -> None:
        """Bind-mount with what is mounted below."""
        mounts.BindMount(source, str(target), recursive=True).execute()

    def unmount(self, target: Path) -> None:
        """Detach; nothing when nothing is mounted there."""
        mounts.unmount(str(target))

    def mounts_below(self, folder: Path) -> list[Path]:
        """Deepest first."""
        return [Path(p) for p in mounts.mounts_under(str(folder))]
