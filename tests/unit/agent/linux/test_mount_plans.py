"""Reading the kernel's mount table, and the plans made from it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from podwright.agent.linux import mounts
from podwright.agent.linux.mounts import OverlayMount, below, mount_points

TABLE = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw - ext4 /dev/vda rw
40 27 0:40 / /var/lib/a\040b rw - overlay overlay rw
41 40 0:41 / /var/lib/a\040b/rootfs rw - overlay overlay rw
42 41 0:42 / /var/lib/a\040b/rootfs/deep/er rw - tmpfs tmpfs rw
43 41 0:43 / /var/lib/a\040b/rootfs rw - overlay overlay rw
44 27 0:44 / /var/lib/a\040bc rw - tmpfs tmpfs rw
"""


def test_points_are_unescaped() -> None:
    assert mount_points(TABLE)[2] == "/var/lib/a b"


def test_unmounting_goes_from_the_inside_out_and_from_new_to_old() -> None:
    points = mount_points(TABLE)
    assert below(points, "/var/lib/a b/") == [
        "/var/lib/a b/rootfs/deep/er",
        "/var/lib/a b/rootfs",
        "/var/lib/a b/rootfs",
        "/var/lib/a b",
    ]
    assert below(points, "/var/lib/a") == []


def test_overlay_options_stay_below_one_page_with_as_many_layers_as_the_kernel_takes() -> None:
    layers = tuple(f"/var/lib/podwright/images/layers/{'0' * 60}{index:04}" for index in range(500))
    mount = OverlayMount("/state/c", layers)
    assert len(mount.options()) < 4096 - len(",volatile")
    assert mount.options().startswith("lowerdir=l/499:l/498:")
    assert OverlayMount("/x", ("/one",)).describe() == (
        "cd /x && mount -t overlay overlay -o lowerdir=l/0,upperdir=upper,workdir=work rootfs"
    )


def test_failed_plan_names_the_command_to_repeat_and_stops() -> None:
    done: list[str] = []

    @dataclass
    class Step:
        name: str
        fails: bool = False

        def describe(self) -> str:
            return f"mount {self.name}"

        def execute(self) -> None:
            if self.fails:
                raise OSError(16, "busy")
            done.append(self.name)

    with pytest.raises(OSError, match=r"busy \(mount b\)") as caught:
        mounts.execute([Step("a"), Step("b", fails=True), Step("c")])
    assert (caught.value.errno, done) == (16, ["a"])
