"""A pod's volumes on the host: made, filled, refreshed and removed. Implements the `Volumes` port.

    <state>/pods/<uid>/volumes/<name>             one folder (or mount point) a volume
    <state>/pods/<uid>/subpaths/<container>-<i>   bind mounts that pin a subPath against later tricks with symlinks

Everything found below these folders belongs to this class; `remove` unmounts and deletes it, in whatever state a crash
left it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from podwright.agent.pods.ports import HostError, Objects, PodRef, Tokens
from podwright.agent.pods.resources import pod_limits
from podwright.agent.volumes import atomic, subpath
from podwright.agent.volumes.payload import (
    Downward,
    PayloadError,
    Payloads,
    Token,
    fs_group,
    token_key,
    token_sources,
)
from podwright.api.quantity import whole

JSON = Mapping[str, Any]
_RENEW_AT = 0.2  # of a token's life left


class Mounter(Protocol):
    """The mount operations that volumes need. All raise OSError."""

    def tmpfs(self, target: Path, *, size: int, mode: int) -> None:
        """Mount a tmpfs of `size` bytes (0: no own limit)."""
        ...

    def bind(self, source: str, target: Path) -> None:
        """Bind-mount a file or folder."""
        ...

    def unmount(self, target: Path) -> None:
        """Detach whatever is mounted there; nothing when nothing is."""
        ...

    def mounts_below(self, folder: Path) -> list[Path]:
        """Every mount point at or below `folder`, deepest first."""
        ...


class VolumeManager:
    """Volumes of all pods of one node. One call per pod at a time (its worker makes them)."""

    def __init__(
        self,
        state_dir: Path,
        objects: Objects,
        tokens: Tokens,
        downward: Downward,
        mounter: Mounter,
        now: Callable[[], float],
    ) -> None:
        self._pods = state_dir / "pods"
        self._pods.mkdir(parents=True, exist_ok=True)
        self._objects = objects
        self._tokens = tokens
        self._downward = downward
        self._mounter = mounter
        self._now = now
        self._issued: dict[tuple[str, Token], tuple[str, float, float]] = {}  # (uid, source) -> token, from, until
        self._makers: Mapping[str, Callable[[JSON, JSON, Path, Payloads], str]] = {
            "emptyDir": self._empty_dir,
            "hostPath": self._host_path,
            "configMap": self._config_map,
            "secret": self._secret,
            "downwardAPI": self._downward_api,
            "projected": self._projected,
        }

    async def ensure(self, pod: JSON) -> Mapping[str, str]:
        """Make or refresh every volume; returns name -> host path. Raises HostError(FailedMount)."""
        tokens = await self._fetch_tokens(pod)
        return await asyncio.to_thread(self._ensure, pod, tokens)

    async def subpath(self, uid: str, mount_name: str, volume_path: str, sub: str) -> str:
        """Pin `sub` inside a volume and return the host path to bind; missing folders are made. Raises HostError.

        `mount_name` is unique within the pod ("<container>-<index>"). No symlink leads out of the volume, also when the
        pod swaps one in later: what is pinned is the opened file, not its name.
        """
        target = self._pods / uid / "subpaths" / mount_name
        try:
            return await asyncio.to_thread(self._pin, Path(volume_path), sub, target)
        except OSError as e:
            msg = f'failed to prepare subPath for volumeMount "{sub}" of volume at {volume_path}: {e.strerror or e}'
            raise HostError("CreateContainerConfigError", msg) from e

    def _pin(self, volume: Path, sub: str, target: Path) -> str:
        self._mounter.unmount(target)
        fd = subpath.open_beneath(volume, sub)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                target.mkdir(exist_ok=True)
            else:
                target.touch()
            self._mounter.bind(f"/proc/{os.getpid()}/fd/{fd}", target)
        finally:
            os.close(fd)
        return str(target)

    async def remove(self, uid: str) -> None:
        """Unmount and delete everything of this pod. Raises HostError(FailedUnmount) while something holds it."""
        for key in [key for key in self._issued if key[0] == uid]:
            del self._issued[key]
        try:
            await asyncio.to_thread(self._remove, self._pods / uid)
        except OSError as e:
            raise HostError("FailedUnmount", f"cannot remove volumes of pod {uid}: {e}") from e

    async def list(self) -> list[str]:
        """Uids of pods that have something here."""
        return await asyncio.to_thread(lambda: [p.name for p in self._pods.iterdir() if (p / "volumes").exists()])

    def _remove(self, folder: Path) -> None:
        for mount in self._mounter.mounts_below(folder / "subpaths") + self._mounter.mounts_below(folder / "volumes"):
            self._mounter.unmount(mount)
        for part in ("subpaths", "volumes"):
            if (folder / part).exists():
                shutil.rmtree(folder / part)
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()

    async def _fetch_tokens(self, pod: JSON) -> dict[Token, str]:
        """A valid token for each serviceAccountToken source, asked for again when a fifth of its life is left."""
        meta = pod["metadata"]
        ref = PodRef(meta["namespace"], meta["name"], meta["uid"])
        result: dict[Token, str] = {}
        for volume in pod["spec"].get("volumes") or ():
            for source in token_sources(volume):
                key = token_key(source)
                held = self._issued.get((ref.uid, key))
                if held is None or self._now() > held[2] - (held[2] - held[1]) * _RENEW_AT:
                    audience, _, seconds = key
                    account = str(pod["spec"].get("serviceAccountName") or "default")
                    began = self._now()
                    try:
                        value, until = await self._tokens.token(ref, account, [audience] if audience else [], seconds)
                    except Exception as e:
                        if held is not None and self._now() < held[2]:
                            result[key] = held[0]  # still good; the next refresh asks again
                            continue
                        msg = f'MountVolume.SetUp failed for volume "{volume["name"]}" : failed to fetch token: {e}'
                        raise HostError("FailedMount", msg) from e
                    held = (value, began, until)
                    self._issued[ref.uid, key] = held
                result[key] = held[0]
        return result

    def _ensure(self, pod: JSON, tokens: Mapping[Token, str]) -> dict[str, str]:
        payloads = Payloads(pod, self._objects, self._downward, tokens)
        root = self._pods / pod["metadata"]["uid"] / "volumes"
        root.mkdir(parents=True, exist_ok=True)
        found: dict[str, str] = {}
        for volume in pod["spec"].get("volumes") or ():
            name = str(volume["name"])
            kind = next((key for key in volume if key != "name"), "emptyDir")
            maker = self._makers.get(kind, _refuse(kind))
            try:
                found[name] = maker(volume.get(kind) or {}, pod, root / name, payloads)
            except (PayloadError, OSError, ValueError) as e:
                msg = f'MountVolume.SetUp failed for volume "{name}" : {e}'
                raise HostError("FailedMount", msg) from e
        return found

    # ---- one maker a kind ----------------------------------------------------------------------------------------

    def _empty_dir(self, source: JSON, pod: JSON, path: Path, _payloads: Payloads) -> str:
        if source.get("medium") == "Memory":
            if not path.exists() or not os.path.ismount(path):
                self._memory_folder(path, pod, _memory_size(source, pod))
        elif not path.exists():
            self._disk_folder(path, pod)
        return str(path)

    def _host_path(self, source: JSON, _pod: JSON, _path: Path, _payloads: Payloads) -> str:
        path = Path(source["path"])
        kind = str(source.get("type") or "")
        if kind == "DirectoryOrCreate":
            path.mkdir(mode=0o755, parents=True, exist_ok=True)
        elif kind == "FileOrCreate" and not path.exists():
            path.touch(mode=0o644)
        elif kind == "" and not path.exists():
            path.mkdir(mode=0o755, parents=True)
        test, what = _HOST_PATH_TYPES.get(kind, (None, ""))
        if test is not None and not (path.exists() and test(path.stat().st_mode)):
            msg = f"hostPath type check failed: {path} is not a {what}"
            raise PayloadError(msg)
        return str(path)

    def _config_map(self, source: JSON, pod: JSON, path: Path, payloads: Payloads) -> str:
        files = payloads.config_map(source)
        self._disk_folder(path, pod)
        atomic.write(path, files, gid=fs_group(pod))
        return str(path)

    def _secret(self, source: JSON, pod: JSON, path: Path, payloads: Payloads) -> str:
        return self._fill_memory(payloads.secret(source), pod, path)

    def _downward_api(self, source: JSON, pod: JSON, path: Path, payloads: Payloads) -> str:
        mode = source.get("defaultMode")
        return self._fill_memory(payloads.downward_api(source, 0o644 if mode is None else int(mode)), pod, path)

    def _projected(self, source: JSON, pod: JSON, path: Path, payloads: Payloads) -> str:
        return self._fill_memory(payloads.projected(source), pod, path)

    def _fill_memory(self, files: Mapping[str, atomic.FileContent], pod: JSON, path: Path) -> str:
        """Secrets and tokens never touch the disk."""
        self._memory_folder(path, pod, 0)
        atomic.write(path, files, gid=fs_group(pod))
        return str(path)

    def _disk_folder(self, path: Path, pod: JSON) -> None:
        path.mkdir(exist_ok=True)
        _set_owner(path, 0o777, fs_group(pod))

    def _memory_folder(self, path: Path, pod: JSON, limit: int) -> None:
        path.mkdir(exist_ok=True)
        if not os.path.ismount(path):
            self._mounter.tmpfs(path, size=limit, mode=0o1777)
        _set_owner(path, 0o1777, fs_group(pod))


def _memory_size(source: JSON, pod: JSON) -> int:
    """How large an emptyDir in memory may grow: what fills it counts against the pod's own memory. 0: no limit."""
    wanted = whole(source["sizeLimit"]) if source.get("sizeLimit") else 0
    return min((limit for limit in (wanted, pod_limits(pod).memory_bytes) if limit), default=0)


def _refuse(kind: str) -> Callable[[JSON, JSON, Path, Payloads], str]:
    def refuse(_source: JSON, _pod: JSON, _path: Path, _payloads: Payloads) -> str:
        msg = f"volume type {kind} is not supported by this node"
        raise PayloadError(msg)

    return refuse


def _set_owner(path: Path, mode: int, group: int | None) -> None:
    """With fsGroup the folder belongs to it and hands it on to what is made inside (setgid)."""
    if group is not None:
        os.chown(path, -1, group)
        mode |= 0o2000
    path.chmod(mode)


_HOST_PATH_TYPES: Mapping[str, tuple[Callable[[int], bool], str]] = {
    "Directory": (stat.S_ISDIR, "directory"),
    "DirectoryOrCreate": (stat.S_ISDIR, "directory"),
    "File": (stat.S_ISREG, "file"),
    "FileOrCreate": (stat.S_ISREG, "file"),
    "Socket": (stat.S_ISSOCK, "socket file"),
    "CharDevice": (stat.S_ISCHR, "character device"),
    "BlockDevice": (stat.S_ISBLK, "block device"),
}
