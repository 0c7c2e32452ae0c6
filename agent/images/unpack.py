"""Turns one layer (a tar, perhaps compressed) into a folder that overlayfs can use as a lower layer.

Layers mark removals by name (`.wh.<name>`, `.wh..wh..opq`); overlayfs wants a 0:0 character device and an extended
attribute instead. A layer is untrusted input: nothing is ever written outside its folder, whatever its names and
links say; symlinks are followed only inside of it.
"""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, cast

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_MAX_LINKS = 40


class UnpackError(Exception):
    """The layer is damaged or hostile."""


@contextmanager
def open_layer(path: Path) -> Generator[IO[bytes]]:
    """Open a layer blob as a plain tar stream; the compression is told by its first bytes, not by its media type."""
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file) as stream:
                yield cast("IO[bytes]", stream)
        elif magic == b"\x28\xb5\x2f\xfd":
            import zstandard

            with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as stream:
                yield cast("IO[bytes]", stream)
        else:
            yield file


def unpack(stream: IO[bytes], target: Path) -> int:
    """Extract into the existing, empty folder `target`; return the sum of file sizes in bytes. Raises UnpackError."""
    total = 0
    directory_times: list[tuple[Path, float]] = []
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                total += _extract(tar, member, target, directory_times)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile) as e:
        msg = f"cannot unpack layer: {e}"
        raise UnpackError(msg) from e
    for path, mtime in reversed(directory_times):
        with suppress(FileNotFoundError):
            os.utime(path, (mtime, mtime), follow_symlinks=False)
    return total


def _extract(
    tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, directory_times: list[tuple[Path, float]]
) -> int:
    parts = _safe_parts(member.name)
    if not parts:
        if member.isdir():
            target.chmod(stat.S_IMODE(member.mode))
            os.chown(target, member.uid, member.gid)
        return 0
    parent = _folder(target, parts[:-1])
    name = parts[-1]
    if name == _OPAQUE:
        _make_opaque(parent)
        return 0
    if name.startswith(_WHITEOUT):
        _white_out(parent, name.removeprefix(_WHITEOUT))
        return 0
    path = parent / name
    hides_lower = _is_whiteout(path)
    if not (member.isdir() and path.is_dir() and not path.is_symlink()):
        _clear(path)
    _make(tar, member, path, target)
    if member.islnk():
        return 0
    if hides_lower and member.isdir():
        _make_opaque(path)
    os.chown(path, member.uid, member.gid, follow_symlinks=False)
    if not member.issym():
        path.chmod(stat.S_IMODE(member.mode))  # after chown: chown clears the setuid bit
    _set_xattrs(path, member)
    if member.isdir():
        directory_times.append((path, member.mtime))
    else:
        os.utime(path, (member.mtime, member.mtime), follow_symlinks=False)
    return member.size if member.isreg() else 0


def _white_out(parent: Path, name: str) -> None:
    """Hide `name` of the layers below; what this same layer holds under that name stays, whichever comes first."""
    if name in {"", ".", ".."}:
        msg = f"cannot unpack layer: {_WHITEOUT + name!r} removes no name"
        raise UnpackError(msg)
    hidden = parent / name
    if hidden.is_dir() and not hidden.is_symlink():
        _make_opaque(hidden)
    elif not os.path.lexists(hidden):
        os.mknod(hidden, stat.S_IFCHR | 0o600, os.makedev(0, 0))


def _is_whiteout(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == 0


def _make_opaque(folder: Path) -> None:
    os.setxattr(folder, "trusted.overlay.opaque", b"y")


def _make(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, target: Path) -> None:
    kind = next((make for test, make in _MAKERS if test(member)), None)
    if kind is None:
        msg = f"cannot unpack layer: {member.name!r} has the unknown type {member.type!r}"
        raise UnpackError(msg)
    kind(tar, member, path, target)


def _make_directory(_tar: tarfile.TarFile, _member: tarfile.TarInfo, path: Path, _target: Path) -> None:
    path.mkdir(exist_ok=True)


def _make_file(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, _target: Path) -> None:
    source = tar.extractfile(member)
    with path.open("xb") as out:
        while source is not None and (chunk := source.read(1 << 20)):
            out.write(chunk)


def _make_symlink(_tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, _target: Path) -> None:
    path.symlink_to(member.linkname)


def _make_hardlink(_tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, target: Path) -> None:
    link = _safe_parts(member.linkname)
    if not link:
        msg = f"cannot unpack layer: hard link {member.name!r} points at the root"
        raise UnpackError(msg)
    os.link(_folder(target, link[:-1]) / link[-1], path, follow_symlinks=False)


def _make_device(_tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, _target: Path) -> None:
    kind = stat.S_IFCHR if member.ischr() else stat.S_IFBLK
    os.mknod(path, kind | 0o600, os.makedev(member.devmajor, member.devminor))


def _make_fifo(_tar: tarfile.TarFile, _member: tarfile.TarInfo, path: Path, _target: Path) -> None:
    os.mkfifo(path)


_MAKERS: tuple[
    tuple[Callable[[tarfile.TarInfo], bool], Callable[[tarfile.TarFile, tarfile.TarInfo, Path, Path], None]], ...
] = (
    (tarfile.TarInfo.isdir, _make_directory),
    (tarfile.TarInfo.isreg, _make_file),
    (tarfile.TarInfo.issym, _make_symlink),
    (tarfile.TarInfo.islnk, _make_hardlink),
    (lambda m: m.ischr() or m.isblk(), _make_device),
    (tarfile.TarInfo.isfifo, _make_fifo),
)


def _safe_parts(name: str) -> list[str]:
    parts = [p for p in PurePosixPath(name.lstrip("/")).parts if p != "."]
    if ".." in parts or "\0" in name:
        msg = f"cannot unpack layer: {name!r} points outside of it"
        raise UnpackError(msg)
    return parts


def _folder(target: Path, parts: list[str]) -> Path:
    """The folder `parts` below target, made where missing. Symlinks are resolved as if target were the root."""
    todo = list(reversed(parts))
    done: list[str] = []
    links = 0
    while todo:
        part = todo.pop()
        if part == "..":
            done = done[:-1]
            continue
        path = target.joinpath(*done, part)
        if path.is_symlink():
            links += 1
            if links > _MAX_LINKS:
                msg = f"cannot unpack layer: too many symlinks in {'/'.join(parts)!r}"
                raise UnpackError(msg)
            link = path.readlink()
            if link.is_absolute():
                done = []
            todo.extend(reversed([p for p in link.parts if p not in {"/", "."}]))
            continue
        if path.exists() and not path.is_dir():
            path.unlink()
        path.mkdir(exist_ok=True)
        done.append(part)
    return target.joinpath(*done)


def _clear(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        import shutil

        shutil.rmtree(path)


def _set_xattrs(path: Path, member: tarfile.TarInfo) -> None:
    """File capabilities and user attributes travel in PAX headers; overlay's own ones must not come from a layer."""
    for key, value in member.pax_headers.items():
        name = key.removeprefix("SCHILY.xattr.")
        if name != key and not name.startswith("trusted."):
            os.setxattr(path, name, value.encode("utf-8", "surrogateescape"), follow_symlinks=False)
