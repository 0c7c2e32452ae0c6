"""Volumes with real mounts: memory, pinned subPaths, nothing left after removal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from podwright.agent.linux.mounts import mounts_under
from podwright.agent.volumes.host_mounter import HostMounter
from podwright.agent.volumes.manager import VolumeManager

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")]


class Nothing:
    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return {"data": {"k": "dg=="}} if kind == "Secret" else None

    async def token(self, *_: Any) -> tuple[str, float]:
        raise AssertionError

    def field(self, *_: Any) -> str:
        raise AssertionError

    resource = field


async def test_memory_and_subpaths_are_mounted_and_leave_nothing(tmp_path: Path) -> None:
    nothing = Nothing()
    manager = VolumeManager(tmp_path, nothing, nothing, nothing, HostMounter(), lambda: 0.0)
    pod = {
        "metadata": {"namespace": "ns", "name": "p", "uid": "u"},
        "spec": {
            "containers": [],
            "volumes": [
                {"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
                {"name": "s", "secret": {"secretName": "x"}},
                {"name": "d", "emptyDir": {}},
            ],
        },
    }
    paths = await manager.ensure(pod)
    found = os.statvfs(paths["m"])
    assert found.f_frsize * found.f_blocks == 1 << 20
    assert (Path(paths["s"]) / "k").read_text() == "v"
    volume = Path(paths["d"])
    (volume / "inner").mkdir()
    (volume / "inner" / "f").write_text("pinned")
    pinned = Path(await manager.subpath("u", "c-0", str(volume), "inner"))
    (volume / "inner").rename(volume / "moved")
    (volume / "inner").symlink_to("/etc")  # too late: the folder itself is pinned, not its name
    assert (pinned / "f").read_text() == "pinned"
    assert len(mounts_under(str(tmp_path))) == 3
    reborn = VolumeManager(tmp_path, nothing, nothing, nothing, HostMounter(), lambda: 0.0)
    assert await reborn.list() == ["u"]
    await reborn.remove("u")
    await reborn.remove("u")
    assert mounts_under(str(tmp_path)) == []
    assert list((tmp_path / "pods").iterdir()) == []
