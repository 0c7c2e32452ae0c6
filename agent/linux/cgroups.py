"""One interface over cgroup version 1, version 2 and the hybrids between, decided controller by controller.

A cgroup is named by its path relative to each tree's mount point, the same in all of them. Every call reads the
kernel's files anew: no state is kept, so nothing goes stale. Calls block (up to seconds when processes must die):
run them on a thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podwright.agent.linux.cgroup_files import (
    MEMORY_LIMIT,
    Hierarchy,
    ancestors,
    counter,
    hierarchies,
    settings,
    v2_mount,
)
from podwright.agent.pods.ports import Limits

POD_CONTROLLERS = ("cpu", "memory", "pids")  # what a pod's cgroup limits; the OCI runtime adds the rest for containers
_KILL_PAUSE = 0.002
_NO_LIMIT = 1 << 60  # version 1 shows "no limit" as a number near 2^63
_GONE = (errno.ENOENT, errno.ENODEV)


@dataclass(frozen=True, slots=True)
class Stats:
    """What a cgroup uses now. Bytes, nanoseconds, counts."""

    memory_bytes: int = 0
    working_set_bytes: int = 0
    cpu_ns: int = 0
    pids: int = 0
    oom_kills: int = 0


class Cgroups:
    """The host's cgroup trees."""

    def __init__(self, trees: tuple[Hierarchy, ...]) -> None:
        self.trees = trees
        self._by_controller = {name: tree for tree in trees for name in tree.controllers}

    @classmethod
    def of_host(cls) -> Cgroups:
        """Those mounted in this mount namespace."""
        table = Path("/proc/self/mountinfo").read_text()
        unified = v2_mount(table)
        return cls(hierarchies(table, Path(unified, "cgroup.controllers").read_text() if unified else ""))

    @property
    def pure_v2(self) -> bool:
        """Whether every controller we limit lives in version 2's tree."""
        return all(self.version(name) == 2 for name in POD_CONTROLLERS)

    @property
    def hybrid_mounts(self) -> tuple[str, ...]:
        """Version 2's mount point where version 1 does the work and version 2 holds a controller as well."""
        if self.pure_v2:
            return ()
        return tuple(tree.mount for tree in self.trees if tree.version == 2)

    @property
    def swap_accounting(self) -> bool:
        """Whether memory plus swap can be limited."""
        tree = self._by_controller.get("memory")
        if tree is None:
            return False
        return Path(tree.mount, "memory.memsw.limit_in_bytes").exists() if tree.version == 1 else _has_swap()

    def version(self, controller: str) -> int:
        """1 or 2; 0 when this kernel lacks the controller."""
        tree = self._by_controller.get(controller)
        return tree.version if tree else 0

    def folder(self, controller: str, path: str) -> Path | None:
        """A cgroup's folder for one controller, there or not; None without such a controller."""
        tree = self._by_controller.get(controller)
        return Path(tree.mount, path) if tree else None

    def create(self, path: str, limits: Limits) -> None:
        """Make a cgroup with these limits; one that exists takes them over."""
        for tree in self.trees:
            wanted = tree.controllers.intersection(POD_CONTROLLERS)
            if not wanted:
                continue
            if tree.version == 2:
                self._delegate(tree, path, wanted)
            Path(tree.mount, path).mkdir(parents=True, exist_ok=True)
        self.apply(path, limits)

    def apply(self, path: str, limits: Limits) -> None:
        """Write the limits that are set; the others stay as they are. Raises OSError naming file and value."""
        for version in (1, 2):
            for setting in settings(limits, version):
                tree = self._by_controller.get(setting.controller)
                if tree is not None and tree.version == version:
                    file = Path(tree.mount, path, setting.file)
                    write = _write_memory if setting.file == MEMORY_LIMIT else _write
                    write(file, setting.value)

    def doors(self, path: str) -> list[Path]:
        """The files through which a process enters this cgroup, one a tree."""
        return [folder / "cgroup.procs" for folder in self._folders(path)]

    def processes(self, path: str) -> set[int]:
        """Pids in this cgroup and all below it, in any tree."""
        return {pid for folder in self._folders(path) for pid in _pids(folder)}

    def kill(self, path: str, timeout: float = 10.0) -> None:
        """SIGKILL everything in this cgroup and below until nothing is left; TimeoutError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while pids := self.processes(path):
            if time.monotonic() > deadline:
                raise TimeoutError(f"cannot kill processes of cgroup {path}: {sorted(pids)} do not end")
            self._kill_once(path)
            time.sleep(_KILL_PAUSE)

    def remove(self, path: str) -> None:
        """Remove this cgroup and all below it from every tree; its processes must be gone. Idempotent."""
        for tree in self.trees:
            for folder in _bottom_up(Path(tree.mount, path)):
                _rmdir(folder)

    def exists(self, path: str) -> bool:
        """Whether any tree holds this cgroup."""
        return any(Path(tree.mount, path).is_dir() for tree in self.trees)

    def children(self, path: str) -> set[str]:
        """Names of the cgroups directly below, in any tree."""
        return {entry.name for folder in self._folders(path) for entry in os.scandir(folder) if entry.is_dir()}

    def stats(self, path: str) -> Stats:
        """Usage now; zeros for what cannot be read (the cgroup may just have gone)."""
        memory, version = self.folder("memory", path), self.version("memory")
        used = inactive = 0
        if memory is not None:
            used = int(_read(memory / ("memory.usage_in_bytes" if version == 1 else "memory.current")) or 0)
            stat = _read(memory / "memory.stat")
            inactive = counter(stat, "total_inactive_file" if version == 1 else "inactive_file")
        pids = self.folder("pids", path)
        return Stats(
            memory_bytes=used,
            working_set_bytes=max(0, used - inactive),
            cpu_ns=self._cpu_ns(path),
            pids=int(_read(pids / "pids.current") or 0) if pids is not None else 0,
            oom_kills=self.oom_kills(path) or 0,
        )

    def oom_kills(self, path: str) -> int | None:
        """How many processes of this cgroup the kernel killed for memory; None when the cgroup is gone."""
        folder = self.folder("memory", path)
        if folder is None or not folder.is_dir():
            return None
        file = "memory.oom_control" if self.version("memory") == 1 else "memory.events"
        return counter(_read(folder / file), "oom_kill")

    def _cpu_ns(self, path: str) -> int:
        if (folder := self.folder("cpuacct", path)) is not None:  # version 1 only
            return int(_read(folder / "cpuacct.usage") or 0)
        folder = self.folder("cpu", path)
        return counter(_read(folder / "cpu.stat"), "usage_usec") * 1000 if folder is not None else 0

    def _folders(self, path: str) -> list[Path]:
        return [folder for tree in self.trees if (folder := Path(tree.mount, path)).is_dir()]

    def _delegate(self, tree: Hierarchy, path: str, wanted: frozenset[str]) -> None:
        """Hand controllers down to a cgroup of version 2: each ancestor must name them in its subtree_control."""
        switches = " ".join(f"+{name}" for name in sorted(wanted))
        for parent in ["", *ancestors(path)[:-1]]:
            folder = Path(tree.mount, parent)
            folder.mkdir(exist_ok=True)
            enabled = set(_read(folder / "cgroup.subtree_control").split())
            if not wanted <= enabled:
                _write(folder / "cgroup.subtree_control", switches)

    def _kill_once(self, path: str) -> None:
        for tree in self.trees:
            killer = Path(tree.mount, path, "cgroup.kill")  # version 2, Linux 5.14
            if killer.exists():
                _write(killer, "1")
        freezer = self.folder("freezer", path) if self.version("freezer") == 1 else None
        # Frozen processes cannot fork away from us; the signal reaches them when they thaw.
        state = freezer / "freezer.state" if freezer is not None and freezer.is_dir() else None
        if state is not None:
            _write(state, "FROZEN")
        try:
            for pid in self.processes(path):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        finally:
            if state is not None:
                _write(state, "THAWED")


def _has_swap() -> bool:
    return Path("/proc/swaps").exists()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        if error.errno in _GONE:
            return ""
        raise


def _write_memory(file: Path, value: str) -> None:
    """Move version 1's memory limit, and the one of memory and swap together with it, which is never the smaller."""
    both = file.with_name("memory.memsw.limit_in_bytes")
    now = int(both.read_text()) if both.exists() else _NO_LIMIT
    if now >= _NO_LIMIT:
        _write(file, value)
    elif value == "-1" or int(value) > now:
        _write(both, value)
        _write(file, value)
    else:
        _write(file, value)
        _write(both, value)


def _write(file: Path, value: str) -> None:
    try:
        fd = os.open(file, os.O_WRONLY)
        try:
            os.write(fd, value.encode())
        finally:
            os.close(fd)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {value!r} to {file}: {error.strerror}") from error


def _bottom_up(folder: Path) -> Iterator[Path]:
    """A folder and those below it, deepest first; nothing when it is not there."""
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from _bottom_up(Path(entry.path))
        yield folder


def _pids(folder: Path) -> Iterator[int]:
    for each in _bottom_up(folder):
        yield from map(int, _read(each / "cgroup.procs").split())


def _rmdir(folder: Path) -> None:
    """Remove one cgroup. The kernel lets go of a dead process a little after its parent has seen it end: try again."""
    for _ in range(500):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            time.sleep(_KILL_PAUSE)
        else:
            return
    raise OSError(errno.EBUSY, f"cannot remove cgroup {folder}: still in use")
