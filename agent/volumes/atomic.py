"""Replaces a folder of small files in one step, as programs that watch mounted ConfigMaps expect.

    <target>/..2026_01_02_03_04_05.123456789/key     the files
    <target>/..data -> ..2026_01_02_03_04_05.123456789
    <target>/key -> ..data/key

An update writes a second folder and renames a new `..data` over the old one: a reader sees all old or all new files.
It must never touch anything in `target` that it did not make. Blocking; call from a thread.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_DATA = "..data"


@dataclass(frozen=True, slots=True)
class FileContent:
    """One file: its bytes and permission bits; `uid` None leaves root as the owner."""

    data: bytes
    mode: int
    uid: int | None = None


def write(target: Path, files: Mapping[str, FileContent], *, gid: int | None = None) -> bool:
    """Make `target` (an existing folder) hold exactly `files` (relative paths); tells whether anything changed.

    `gid` becomes the group of every file and folder, and may read them. Raises ValueError for a path that is absolute
    or leads upwards.
    """
    if gid is not None:
        files = {name: FileContent(c.data, c.mode | 0o440, c.uid) for name, c in files.items()}
    for name in files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or parts[0].startswith(".."):
            msg = f"invalid path {name!r}: it must be relative and must not contain or begin with '..'"
            raise ValueError(msg)
    data = target / _DATA
    current = target / data.readlink() if data.is_symlink() else None
    if current is not None and _same(current, files):
        _link_names(target, files, gid)  # a crash may have come between the swap and the links
        return False
    stamp = time.strftime("..%Y_%m_%d_%H_%M_%S", time.gmtime())
    new = target / f"{stamp}.{secrets.randbelow(10**9):09d}"
    new.mkdir()
    new.chmod(0o755)
    _own(new, gid)
    for name, content in files.items():
        _write_file(new, PurePosixPath(name), content, gid)
    swap = target / "..data_tmp"
    swap.unlink(missing_ok=True)
    swap.symlink_to(new.name)
    _own(swap, gid)
    swap.rename(data)
    _link_names(target, files, gid)
    for path in target.iterdir():
        if path.name.startswith("..2") and path.name != new.name:
            shutil.rmtree(path)
    return True


def _link_names(target: Path, files: Mapping[str, FileContent], gid: int | None) -> None:
    """One link per first path component; links of ours whose name is gone are removed."""
    wanted = {PurePosixPath(name).parts[0] for name in files}
    for path in target.iterdir():
        ours = path.is_symlink() and str(path.readlink()).startswith(f"{_DATA}/")
        if ours and path.name not in wanted:
            path.unlink()
    for name in wanted:
        link = target / name
        if not link.is_symlink():
            link.symlink_to(f"{_DATA}/{name}")
            _own(link, gid)


def _write_file(root: Path, name: PurePosixPath, content: FileContent, gid: int | None) -> None:
    folder = root
    for part in name.parts[:-1]:
        folder = folder / part
        if not folder.is_dir():
            folder.mkdir()
            folder.chmod(0o755)
            _own(folder, gid)
    path = folder / name.name
    path.write_bytes(content.data)
    if gid is not None or content.uid is not None:
        os.chown(path, -1 if content.uid is None else content.uid, -1 if gid is None else gid)
    path.chmod(content.mode)


def _own(path: Path, gid: int | None) -> None:
    if gid is None:
        return
    os.chown(path, -1, gid, follow_symlinks=False)
    if not path.is_symlink():
        path.chmod(path.stat().st_mode & 0o7777 | 0o2000)


def _same(folder: Path, files: Mapping[str, FileContent]) -> bool:
    held = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    return held == {str(PurePosixPath(name)) for name in files} and all(
        (folder / name).read_bytes() == c.data and (folder / name).stat().st_mode & 0o7777 == c.mode
        for name, c in files.items()
    )
