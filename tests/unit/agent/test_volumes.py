"""Volumes in a temporary folder with a mounter that only remembers; modes and owners are real (root)."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from podwright.agent.pods.ports import HostError, PodRef
from podwright.agent.volumes import atomic, subpath
from podwright.agent.volumes.atomic import FileContent
from podwright.agent.volumes.manager import VolumeManager

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="changing owners needs root")


def tree(folder: Path) -> dict[str, str]:
    """What a reader of the mounted volume sees."""
    names = [p for p in folder.iterdir() if not p.name.startswith("..")]
    files = [f for n in names for f in ([n] if n.is_file() else n.resolve().rglob("*")) if f.is_file()]
    data = (folder / "..data").resolve()
    return {str(f.resolve().relative_to(data)): f.read_text() for f in files}


def test_update_swaps_all_files_at_once(tmp_path: Path) -> None:
    assert atomic.write(tmp_path, {"a": FileContent(b"1", 0o644), "d/b": FileContent(b"2", 0o400)})
    assert tree(tmp_path) == {"a": "1", "d/b": "2"}
    before = (tmp_path / "..data").readlink()
    held = (tmp_path / "a").open()
    assert not atomic.write(tmp_path, {"a": FileContent(b"1", 0o644), "d/b": FileContent(b"2", 0o400)})
    assert (tmp_path / "..data").readlink() == before
    assert atomic.write(tmp_path, {"a": FileContent(b"new", 0o644), "c": FileContent(b"3", 0o644)})
    assert tree(tmp_path) == {"a": "new", "c": "3"}
    assert held.read() == "1"
    held.close()
    assert len([p for p in tmp_path.iterdir() if p.name.startswith("..2")]) == 1


def test_crash_between_swap_and_links_is_mended(tmp_path: Path) -> None:
    files = {"a": FileContent(b"1", 0o644)}
    atomic.write(tmp_path, files)
    (tmp_path / "a").unlink()
    (tmp_path / "..data_tmp").symlink_to("nowhere")
    assert not atomic.write(tmp_path, files)
    assert tree(tmp_path) == {"a": "1"}
    assert atomic.write(tmp_path, {"a": FileContent(b"2", 0o644)})
    assert tree(tmp_path) == {"a": "2"}


@pytest.mark.parametrize("name", ["/abs", "../up", "a/../../b", "..data", ""])
def test_paths_never_lead_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="invalid path"):
        atomic.write(tmp_path, {name: FileContent(b"", 0o644)})
    assert list(tmp_path.iterdir()) == []


class Mounter:
    def __init__(self) -> None:
        self.mounts: dict[Path, tuple[str, int, int]] = {}
        self.bound: dict[Path, str] = {}

    def tmpfs(self, target: Path, *, size: int, mode: int) -> None:
        self.mounts[target] = ("tmpfs", size, mode)

    def bind(self, source: str, target: Path) -> None:
        self.bound[target] = str(Path(source).resolve())

    def unmount(self, target: Path) -> None:
        self.mounts.pop(target, None)
        self.bound.pop(target, None)

    def mounts_below(self, folder: Path) -> list[Path]:
        return [p for p in {**self.mounts, **self.bound} if p.is_relative_to(folder)]


class Host:
    """Objects, tokens and downward values that a test sets."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.issued = 0
        self.fail = False
        self.now = 1000.0

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        assert namespace == "ns"
        return self.objects.get((kind, name))

    async def token(
        self, pod: PodRef, service_account: str, audiences: Sequence[str], seconds: int
    ) -> tuple[str, float]:
        if self.fail:
            raise ConnectionError("link is down")
        self.issued += 1
        return f"{service_account}/{','.join(audiences)}/{self.issued}", self.now + seconds

    def field(self, pod: Any, path: str) -> str:
        return {"metadata.name": "p"}[path]

    def resource(self, pod: Any, container: str, resource: str, divisor: str) -> str:
        return f"{container}:{resource}/{divisor}"


def make(tmp_path: Path) -> tuple[VolumeManager, Host, Mounter]:
    host, mounter = Host(), Mounter()
    return VolumeManager(tmp_path, host, host, host, mounter, lambda: host.now), host, mounter


def pod(*volumes: dict[str, Any], **security: Any) -> dict[str, Any]:
    spec = {"volumes": list(volumes), "containers": [{"name": "c"}], "securityContext": security}
    return {"metadata": {"namespace": "ns", "name": "p", "uid": "u1"}, "spec": spec}


CM = {"data": {"a": "1", "b": "2"}, "binaryData": {"raw": base64.b64encode(b"raw").decode()}}
SECRET = {"data": {"k": base64.b64encode(b"v").decode()}}

CASES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "configmap": ({"configMap": {"name": "cm"}}, {"a": "1", "b": "2", "raw": "raw"}),
    "items": ({"configMap": {"name": "cm", "items": [{"key": "b", "path": "x/y"}]}}, {"x/y": "2"}),
    "secret": ({"secret": {"secretName": "s"}}, {"k": "v"}),
    "optional and absent": ({"secret": {"secretName": "no", "optional": True}}, {}),
    "optional key": ({"configMap": {"name": "cm", "optional": True, "items": [{"key": "no", "path": "x"}]}}, {}),
    "downward": (
        {
            "downwardAPI": {
                "items": [
                    {"path": "n", "fieldRef": {"fieldPath": "metadata.name"}},
                    {"path": "m", "resourceFieldRef": {"containerName": "c", "resource": "limits.cpu"}},
                ]
            }
        },
        {"n": "p", "m": "c:limits.cpu/0"},
    ),
    "projected": (
        {
            "projected": {
                "sources": [
                    {"serviceAccountToken": {"path": "tok", "audience": "aud"}},
                    {"configMap": {"name": "cm", "items": [{"key": "a", "path": "a"}]}},
                    {"secret": {"name": "s"}},
                ]
            }
        },
        {"tok": "default/aud/1", "a": "1", "k": "v"},
    ),
}


@pytest.mark.parametrize(("volume", "files"), CASES.values(), ids=CASES.keys())
async def test_files_of_a_volume(tmp_path: Path, volume: dict[str, Any], files: dict[str, str]) -> None:
    manager, host, _ = make(tmp_path)
    host.objects = {("ConfigMap", "cm"): CM, ("Secret", "s"): SECRET}
    paths = await manager.ensure(pod({"name": "v", **volume}))
    assert tree(Path(paths["v"])) == files
    assert await manager.list() == ["u1"]
    await manager.remove("u1")
    assert await manager.list() == []
    assert list((tmp_path / "pods").iterdir()) == []


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"configMap": {"name": "late"}}, 'volume "v" : configmap "late" not found'),
        ({"secret": {"secretName": "late"}}, 'volume "v" : secret "late" not found'),
        ({"configMap": {"name": "cm", "items": [{"key": "NO", "path": "x"}]}}, "non-existent config key: NO"),
        ({"secret": {"secretName": "s", "items": [{"key": "NO", "path": "x"}]}}, "non-existent secret key: NO"),
        ({"hostPath": {"path": "/etc/passwd", "type": "Directory"}}, "/etc/passwd is not a directory"),
        ({"nfs": {"server": "x", "path": "/"}}, "volume type nfs is not supported"),
    ],
)
async def test_what_is_missing_is_named(tmp_path: Path, volume: dict[str, Any], message: str) -> None:
    manager, host, _ = make(tmp_path)
    host.objects = {("ConfigMap", "cm"): CM, ("Secret", "s"): SECRET}
    with pytest.raises(HostError) as refused:
        await manager.ensure(pod({"name": "v", **volume}))
    assert refused.value.reason == "FailedMount"
    assert message in refused.value.message


async def test_refresh_follows_the_object(tmp_path: Path) -> None:
    manager, host, _ = make(tmp_path)
    host.objects = {("ConfigMap", "cm"): CM}
    it = pod({"name": "v", "configMap": {"name": "cm"}})
    path = Path((await manager.ensure(it))["v"])
    host.objects = {("ConfigMap", "cm"): {"data": {"a": "changed"}}}
    await manager.ensure(it)
    assert tree(path) == {"a": "changed"}


async def test_token_is_renewed_before_it_ends_and_survives_a_broken_link(tmp_path: Path) -> None:
    manager, host, _ = make(tmp_path)
    source = {"serviceAccountToken": {"path": "t", "expirationSeconds": 1000}}
    it = pod({"name": "v", "projected": {"sources": [source]}})
    path = Path((await manager.ensure(it))["v"]) / "t"
    host.now += 700
    await manager.ensure(it)
    assert host.issued == 1
    host.now += 150
    host.fail = True
    await manager.ensure(it)
    assert path.read_text().endswith("/1")
    host.fail = False
    await manager.ensure(it)
    assert path.read_text().endswith("/2")
    host.fail = True
    host.now += 5000
    with pytest.raises(HostError, match="failed to fetch token: link is down"):
        await manager.ensure(it)


async def test_secrets_live_in_memory_and_empty_dirs_keep_their_content(tmp_path: Path) -> None:
    manager, host, mounter = make(tmp_path)
    host.objects = {("Secret", "s"): SECRET}
    it = pod(
        {"name": "s", "secret": {"secretName": "s"}},
        {"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": "8Mi"}},
        {"name": "d", "emptyDir": {}},
    )
    paths = await manager.ensure(it)
    assert mounter.mounts[Path(paths["s"])] == ("tmpfs", 0, 0o1777)
    assert mounter.mounts[Path(paths["m"])] == ("tmpfs", 8 << 20, 0o1777)
    assert Path(paths["d"]) not in mounter.mounts
    assert Path(paths["d"]).stat().st_mode & 0o7777 == 0o777
    (Path(paths["d"]) / "f").write_text("kept")
    await manager.ensure(it)
    assert (Path(paths["d"]) / "f").read_text() == "kept"
    await manager.remove("u1")
    assert mounter.mounts == {}


@root_only
async def test_fs_group_owns_folders_and_files(tmp_path: Path) -> None:
    manager, host, _ = make(tmp_path)
    host.objects = {("Secret", "s"): SECRET}
    sources = [
        {"serviceAccountToken": {"path": "t"}},
        {"secret": {"name": "s", "items": [{"key": "k", "path": "k", "mode": 256}]}},
    ]
    it = pod(
        {"name": "d", "emptyDir": {}}, {"name": "p", "projected": {"sources": sources}}, fsGroup=2000, runAsUser=1000
    )
    paths = await manager.ensure(it)
    found = Path(paths["d"]).stat()
    assert (found.st_mode & 0o7777, found.st_gid) == (0o2777, 2000)
    assert Path(paths["p"]).stat().st_mode & 0o7777 == 0o3777
    token, key = (Path(paths["p"]) / name for name in ("t", "k"))
    assert (token.stat().st_mode & 0o7777, token.stat().st_uid, token.stat().st_gid) == (0o640, 1000, 2000)
    assert (key.stat().st_mode & 0o7777, key.stat().st_gid) == (0o440, 2000)


async def test_subpath_is_pinned_inside_the_volume(tmp_path: Path) -> None:
    manager, _, mounter = make(tmp_path)
    volume = tmp_path / "vol"
    (volume / "in").mkdir(parents=True)
    (volume / "in" / "file").write_text("x")
    (volume / "out").symlink_to("/etc")
    (volume / "abs").symlink_to("/in")
    await manager.subpath("u1", "c-0", str(volume), "in/file")
    await manager.subpath("u1", "c-1", str(volume), "abs")
    await manager.subpath("u1", "c-2", str(volume), "new/deep")
    assert list(mounter.bound.values()) == [str(volume / "in" / "file"), str(volume / "in"), str(volume / "new/deep")]
    with pytest.raises(HostError, match="must not contain"):
        await manager.subpath("u1", "c-3", str(volume), "../x")
    with pytest.raises(HostError):  # /etc inside the volume does not exist; the host's is out of reach
        await manager.subpath("u1", "c-4", str(volume), "out/passwd")
    with pytest.raises(FileNotFoundError):
        os.close(subpath.open_beneath(volume / "absent", "x"))


@pytest.mark.parametrize(
    ("limits", "wanted", "size"),
    [({"memory": "4Mi"}, "8Mi", 4), ({"memory": "64Mi"}, "8Mi", 8), ({"memory": "4Mi"}, None, 4), ({}, None, 0)],
    ids=["pod-is-smaller", "volume-is-smaller", "only-the-pod-has-one", "neither"],
)
async def test_memory_is_never_larger_than_the_pod_s(
    tmp_path: Path, limits: dict[str, str], wanted: str | None, size: int
) -> None:
    manager, _, mounter = make(tmp_path)
    source = {"medium": "Memory", **({"sizeLimit": wanted} if wanted else {})}
    it = pod({"name": "m", "emptyDir": source})
    it["spec"]["containers"][0]["resources"] = {"limits": limits}
    paths = await manager.ensure(it)
    assert mounter.mounts[Path(paths["m"])] == ("tmpfs", size << 20, 0o1777)
