"""Cgroup trees as folders: the right files get the right values on version 1, version 2 and a mix of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.agent.linux.cgroup_files import Hierarchy, Setting, ancestors, counter, hierarchies, settings, weight
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.pods.ports import Limits

LIMITS = Limits(cpu_shares=512, cpu_quota_us=50_000, memory_bytes=1 << 20, pids=7)
HYBRID = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
99 31 0:32 /some/pod /var/lib/x/memory rw,relatime - cgroup cgroup rw,memory
"""
PURE = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"


@pytest.mark.parametrize(("shares", "expected"), [(2, 1), (1024, 39), (262144, 10000), (0, 1), (10**9, 10000)])
def test_weight_spans_the_whole_scale(shares: int, expected: int) -> None:
    assert weight(shares) == expected


def test_settings_of_both_versions() -> None:
    assert settings(LIMITS, 1) == [
        Setting("cpu", "cpu.shares", "512"),
        Setting("cpu", "cpu.cfs_period_us", "100000"),
        Setting("cpu", "cpu.cfs_quota_us", "50000"),
        Setting("memory", "memory.limit_in_bytes", "1048576"),
        Setting("pids", "pids.max", "7"),
    ]
    assert settings(LIMITS, 2) == [
        Setting("cpu", "cpu.weight", "20"),
        Setting("cpu", "cpu.max", "50000 100000"),
        Setting("memory", "memory.max", "1048576"),
        Setting("pids", "pids.max", "7"),
    ]


def test_unset_limits_write_nothing_and_unlimited_ones_lift() -> None:
    assert settings(Limits(), 1) == settings(Limits(), 2) == []
    lifted = Limits(cpu_quota_us=-1, memory_bytes=-1, pids=-1)
    assert [each.value for each in settings(lifted, 1)] == ["100000", "-1", "-1", "max"]
    assert [each.value for each in settings(lifted, 2)] == ["max 100000", "max", "max"]


def test_trees_are_found_per_controller() -> None:
    found = {tree.mount: (tree.version, tree.controllers) for tree in hierarchies(HYBRID, "hugetlb\n")}
    assert found == {
        "/sys/fs/cgroup/cpu,cpuacct": (1, {"cpu", "cpuacct"}),
        "/sys/fs/cgroup/memory": (1, {"memory"}),
        "/sys/fs/cgroup/pids": (1, {"pids"}),
        "/sys/fs/cgroup/systemd": (1, {"name=systemd"}),
        "/sys/fs/cgroup/unified": (2, {"hugetlb"}),
    }
    hybrid, pure = Cgroups(hierarchies(HYBRID, "hugetlb\n")), Cgroups(hierarchies(PURE, "cpu memory pids io\n"))
    assert (hybrid.pure_v2, hybrid.hybrid_mounts) == (False, ("/sys/fs/cgroup/unified",))
    assert (pure.pure_v2, pure.hybrid_mounts) == (True, ())
    mixed = Cgroups(hierarchies(HYBRID.replace("rw,memory", "rw"), "memory\n"))
    assert [mixed.version(name) for name in ("cpu", "memory", "io")] == [1, 2, 0]


def test_counters_and_ancestors() -> None:
    text = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"
    assert (counter(text, "oom_kill"), counter(text, "oom"), counter("", "x")) == (3, 0, 0)
    assert ancestors("/a/b/c") == ["a", "a/b", "a/b/c"]


@pytest.fixture
def v1(tmp_path: Path) -> Cgroups:
    trees = [Hierarchy(1, str(tmp_path / name), frozenset({name})) for name in ("cpu", "cpuacct", "memory", "pids")]
    return Cgroups((*trees, Hierarchy(2, str(tmp_path / "unified"), frozenset({"hugetlb"}))))


def touch(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_version_1_gets_a_folder_per_limited_controller(v1: Cgroups, tmp_path: Path) -> None:
    for name in ("cpu", "memory", "pids"):
        touch(tmp_path / name / "root/pod")
    touch(tmp_path / "cpu/root/pod", cpu__shares="", cpu__cfs_period_us="", cpu__cfs_quota_us="")
    touch(tmp_path / "memory/root/pod", memory__limit_in_bytes="")
    touch(tmp_path / "pids/root/pod", pids__max="")
    v1.create("root/pod", LIMITS)
    assert (tmp_path / "cpu/root/pod/cpu.cfs_quota_us").read_text() == "50000"
    assert (tmp_path / "memory/root/pod/memory.limit_in_bytes").read_text() == "1048576"
    assert not (tmp_path / "unified").exists()
    assert not (tmp_path / "cpuacct").exists()
    assert v1.exists("root/pod")
    assert v1.children("root") == {"pod"}


def test_version_2_hands_controllers_down_to_each_level(tmp_path: Path) -> None:
    tree = Cgroups((Hierarchy(2, str(tmp_path), frozenset({"cpu", "memory", "pids", "io"})),))
    touch(tmp_path, **{"cgroup.subtree_control": "cpu memory pids\n"})
    touch(tmp_path / "root", **{"cgroup.subtree_control": "cpu\n"})
    touch(tmp_path / "root/pod", **dict.fromkeys(("cpu.weight", "cpu.max", "memory.max", "pids.max"), ""))
    tree.create("root/pod", LIMITS)
    assert (tmp_path / "cgroup.subtree_control").read_text() == "cpu memory pids\n", "left alone: already enabled"
    assert (tmp_path / "root/cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    assert (tmp_path / "root/pod/memory.max").read_text() == "1048576"


def test_refused_value_is_named(v1: Cgroups, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"cannot write '512' to .*/cpu/root/pod/cpu\.shares: No such file"):
        v1.apply("root/pod", LIMITS)


def test_stats(v1: Cgroups, tmp_path: Path) -> None:
    touch(
        tmp_path / "memory/a",
        memory__usage_in_bytes="5000\n",
        memory__stat="inactive_file 1\ntotal_inactive_file 2000\n",
        memory__oom_control="oom_kill 2\n",
    )
    touch(tmp_path / "cpuacct/a", cpuacct__usage="77\n")
    touch(tmp_path / "pids/a", pids__current="4\n")
    found = v1.stats("a")
    assert (found.memory_bytes, found.working_set_bytes, found.cpu_ns, found.pids, found.oom_kills) == (
        5000, 3000, 77, 4, 2,
    )  # fmt: skip
    assert v1.stats("gone").memory_bytes == 0

    pure = Cgroups((Hierarchy(2, str(tmp_path / "v2"), frozenset({"cpu", "memory", "pids"})),))
    touch(
        tmp_path / "v2/a", memory__current="5000\n", memory__stat="inactive_file 6000\n", cpu__stat="usage_usec 8\n",
        pids__current="1\n", memory__events="oom 9\noom_kill 1\n",
    )  # fmt: skip
    found = pure.stats("a")
    assert (found.memory_bytes, found.working_set_bytes, found.cpu_ns, found.pids, found.oom_kills) == (
        5000, 0, 8000, 1, 1,
    )  # fmt: skip


def test_processes_of_a_whole_tree_and_its_removal(v1: Cgroups, tmp_path: Path) -> None:
    touch(tmp_path / "memory/a", cgroup__procs="11\n12\n")
    touch(tmp_path / "memory/a/b", cgroup__procs="13\n")
    touch(tmp_path / "pids/a", cgroup__procs="11\n")
    assert v1.processes("a") == {11, 12, 13}
    for file in tmp_path.rglob("cgroup.procs"):
        file.unlink()  # cgroup files go with their folder; those of a real file system do not
    v1.remove("a")
    v1.remove("a")
    assert not v1.exists("a")


@pytest.mark.parametrize(
    ("both", "wanted", "expected", "first"),
    [
        (64, 128, (128, 128), "memsw"),
        (64, 32, (32, 32), "limit"),
        (1 << 62, 128, (128, 1 << 62), "limit"),
        (64, -1, (-1, -1), "memsw"),
    ],
    ids=["up", "down", "swap-is-free", "lifted"],
)
def test_memory_and_swap_move_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, both: int, wanted: int, expected: tuple[int, int], first: str
) -> None:
    limit, swap = tmp_path / "c/memory.limit_in_bytes", tmp_path / "c/memory.memsw.limit_in_bytes"
    limit.parent.mkdir()
    limit.write_text("64")
    swap.write_text(str(both))
    written: list[str] = []

    def write(file: Path, value: str) -> None:
        written.append(file.name)
        file.write_text(value)

    monkeypatch.setattr("podwright.agent.linux.cgroups._write", write)
    Cgroups((Hierarchy(1, str(tmp_path), frozenset({"memory"})),)).apply("c", Limits(memory_bytes=wanted))
    assert (int(limit.read_text()), int(swap.read_text())) == expected
    assert first in written[0]
