"""One container's life on a real kernel: created, started, seen, ended, removed."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from podwright.agent.pods.ports import ContainerState, HostError, Limits, Mount

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="containers need root")]


async def test_runs_from_created_to_exited_with_its_log(node: Any) -> None:
    sandbox = await node.pod()
    config = node.config(sandbox, "/bin/sh", "-c", "echo out; echo err >&2; exit 7")
    await node.runtime.create(config)
    created = await node.inspect(config.id)
    assert (created.state, created.started_at) == (ContainerState.CREATED, 0.0)
    assert node.log(config.id) == []

    await node.runtime.start(config.id)
    ended = await node.ended(config.id)

    assert (ended.state, ended.exit_code, ended.oom_killed, ended.pid) == (ContainerState.EXITED, 7, False, 0)
    assert created.created_at <= ended.started_at <= ended.finished_at
    assert (ended.pod, ended.name, ended.attempt, ended.image_id) == (sandbox.pod, "main", 0, "sha256:1")
    assert node.log(config.id) == ["out"]
    assert node.log(config.id, "stderr") == ["err"]

    await node.runtime.remove(config.id)
    assert await node.runtime.list() == []
    assert Path(config.log_path).exists()
    await node.runtime.remove(config.id)


async def test_containers_of_a_pod_share_network_and_names_but_not_processes_and_mounts(node: Any) -> None:
    sandbox = await node.pod()
    one = await node.run(sandbox, "/bin/sleep", "1000", name="one")
    two = await node.run(sandbox, "/bin/sleep", "1000", name="two")

    async def namespaces(container: str) -> dict[str, str]:
        kinds = ("net", "ipc", "uts", "pid", "mnt")
        found = await node.said(container, f"for k in {' '.join(kinds)}; do readlink /proc/self/ns/$k; done")
        return dict(zip(kinds, found.split(), strict=True))

    first, second = await namespaces(one), await namespaces(two)
    own = {kind: str(Path(f"/proc/self/ns/{kind}").readlink()) for kind in first}

    assert [kind for kind in first if first[kind] == second[kind]] == ["net", "ipc", "uts"]
    assert not [kind for kind in first if first[kind] == own[kind]]
    assert first["net"] == f"net:[{Path(sandbox.netns).stat().st_ino}]"
    assert await node.said(one, "hostname") == "web"
    await node.said(one, "echo shared > /dev/shm/note")
    assert await node.said(two, "cat /dev/shm/note") == "shared"


async def test_limits_are_in_the_cgroup_files_inside_and_outside(node: Any) -> None:
    limits = Limits(cpu_shares=256, cpu_quota_us=25_000, memory_bytes=64 << 20, pids=50)
    sandbox = await node.pod(limits)
    container = await node.run(sandbox, "/bin/sleep", "1000", limits=limits)
    cgroups = node.cgroups
    if cgroups.pure_v2:
        files = {"memory.max": str(64 << 20), "cpu.max": "25000 100000", "pids.max": "50"}
    else:
        files = {
            "cpu/cpu.shares": "256",
            "cpu/cpu.cfs_quota_us": "25000",
            "memory/memory.limit_in_bytes": str(64 << 20),
            "pids/pids.max": "50",
        }
    inside = await node.said(container, " ".join(["cd /sys/fs/cgroup; cat", *files]))
    assert inside.split("\n") == list(files.values())
    for controller, file in (("memory", "limit_in_bytes"), ("pids", "max")):
        name = f"{controller}.{'max' if cgroups.pure_v2 else file}"
        assert (cgroups.folder(controller, sandbox.cgroup) / name).read_text().strip() in (str(64 << 20), "50")

    mounted = await node.said(container, "cat /proc/mounts")
    assert ("cgroup2" in mounted) == cgroups.pure_v2
    refused = await node.runtime.exec_sync(container, ["/bin/touch", "/sys/fs/cgroup/memory/x"], 10)
    assert refused.exit_code == 1

    memory = "memory.max" if cgroups.pure_v2 else "memory/memory.limit_in_bytes"
    for size in (32 << 20, 64 << 20, 48 << 20):  # down, and up beyond what memory and swap had together
        await node.runtime.set_limits(container, Limits(memory_bytes=size))
        assert await node.said(container, f"cat /sys/fs/cgroup/{memory}") == str(size)
    await node.sandboxes.set_limits(sandbox.pod.uid, Limits(pids=60))
    assert (cgroups.folder("pids", sandbox.cgroup) / "pids.max").read_text().strip() == "60"


async def test_memory_hog_is_killed_alone(node: Any) -> None:
    sandbox = await node.pod()
    bystander = await node.run(sandbox, "/bin/sleep", "1000", name="bystander", limits=Limits(memory_bytes=32 << 20))
    hog = await node.shell(
        sandbox, "exec dd if=/dev/zero of=/dev/null bs=200M count=1", name="hog", limits=Limits(memory_bytes=16 << 20)
    )
    ended = await node.ended(hog)
    assert (ended.state, ended.exit_code, ended.oom_killed) == (ContainerState.EXITED, 137, True)
    other = await node.inspect(bystander)
    assert (other.state, other.oom_killed) == (ContainerState.RUNNING, False)


async def test_memory_hog_is_killed_alone_when_the_pod_runs_out(node: Any) -> None:
    sandbox = await node.pod(Limits(memory_bytes=24 << 20))
    bystander = await node.run(sandbox, "/bin/sleep", "1000", name="bystander")
    hog = await node.shell(sandbox, "exec dd if=/dev/zero of=/dev/null bs=200M count=1", name="hog")
    ended = await node.ended(hog)
    assert (ended.exit_code, ended.oom_killed) == (137, True)
    other = await node.inspect(bystander)
    assert (other.state, other.oom_killed) == (ContainerState.RUNNING, False)


async def test_oom_kill_of_a_child_marks_the_container_with_the_exit_code_of_its_first_process(node: Any) -> None:
    sandbox = await node.pod()
    script = "dd if=/dev/zero of=/dev/null bs=200M count=1; exit 3"
    container = await node.shell(sandbox, script, limits=Limits(memory_bytes=16 << 20))
    ended = await node.ended(container)
    assert (ended.exit_code, ended.oom_killed) == (3, True)


async def test_signals_reach_the_first_process(node: Any) -> None:
    sandbox = await node.pod()
    container = await node.shell(sandbox, "trap 'echo term; exit 5' TERM; echo ready; while :; do sleep 0.1; done")
    await node.logs(container, "ready")
    await node.runtime.signal(container, signal.SIGTERM)
    ended = await node.ended(container)
    assert ended.exit_code == 5
    assert node.log(container) == ["ready", "term"]
    await node.runtime.signal(container, signal.SIGKILL)  # nothing: it has ended


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["/nope"], 'exec: "/nope": stat /nope: no such file or directory'),
        (["nope"], 'exec: "nope": executable file not found in $PATH'),
        (["/etc/passwd"], 'exec: "/etc/passwd": permission denied'),
    ],
    ids=["absolute", "by name", "not executable"],
)
async def test_command_that_cannot_be_executed_fails_at_start(node: Any, command: list[str], message: str) -> None:
    sandbox = await node.pod()
    config = node.config(sandbox, *command)
    await node.runtime.create(config)
    with pytest.raises(HostError) as caught:
        await node.runtime.start(config.id)
    assert (caught.value.reason, caught.value.message) == ("StartError", message)
    info = await node.inspect(config.id)
    assert (info.state, info.exit_code, info.refusal) == (ContainerState.EXITED, 128, message)


async def test_many_layers_and_a_missing_working_folder(node: Any, write_layer: Any) -> None:
    count = 120
    layers = [write_layer(f"{'long-layer-name-' * 4}{i}", {f"file{i}": str(i), "last": str(i)}) for i in range(count)]
    image = replace(node.image, layers=(*node.image.layers, *layers))
    sandbox = await node.pod()
    container = await node.run(sandbox, "/bin/sleep", "1000", image=image, working_dir="/made/for/it")
    assert await node.said(container, f"cat /file0 /file{count - 1} /last; readlink /proc/1/cwd") == "\n".join(
        [f"0{count - 1}{count - 1}/made/for/it"]
    )
    assert Path(node.runtime.rootfs(container), "file7").read_text() == "7"


async def test_user_mounts_and_privileges(node: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o777)
    (tmp_path / "inner").write_text("inner")
    mounts = (
        Mount(str(tmp_path / "inner"), "/data/deep/file", read_only=True),
        Mount(str(tmp_path / "data"), "/data"),
        Mount("", "/scratch", type="tmpfs", options=("size=1m",)),
    )
    sandbox = await node.pod()
    container = await node.run(
        sandbox, "/bin/sleep", "1000", mounts=mounts, uid=1000, gid=1000, additional_gids=(3000,),
        read_only_rootfs=True, drop_capabilities=("ALL",), no_new_privileges=True, oom_score_adj=500,
    )  # fmt: skip
    assert await node.said(container, "cat /data/deep/file; echo x > /data/new; id -u; id -G") == "inner1000\n1000 3000"
    status = dict(line.split(":\t") for line in (await node.said(container, "cat /proc/1/status")).split("\n"))
    assert (status["CapBnd"], status["NoNewPrivs"]) == ("0" * 16, "1")
    assert await node.said(container, "cat /proc/1/oom_score_adj") == "500"
    for path in ("/x", "/data/deep/file"):
        assert (await node.runtime.exec_sync(container, ["/bin/touch", path], 10)).exit_code == 1


async def test_privileged_container_has_devices_and_capabilities(node: Any) -> None:
    sandbox = await node.pod()
    container = await node.run(sandbox, "/bin/sleep", "1000", privileged=True, host_pid=True, oom_score_adj=-999)
    own = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines())
    inside = await node.said(container, "cat /proc/self/status")
    assert dict(line.split(":\t") for line in inside.split("\n"))["CapEff"] == own["CapBnd"]
    assert await node.said(container, "readlink /proc/self/ns/pid") == str(Path("/proc/self/ns/pid").readlink())
    assert (await node.said(container, "ls /dev")).count("loop") == sum("loop" in name for name in os.listdir("/dev"))


async def test_log_is_reopened_after_rotation(node: Any) -> None:
    sandbox = await node.pod()
    container = await node.shell(sandbox, "echo before; read line; echo after; sleep 1000", stdin=True)
    log = Path(node.config(sandbox, "x").log_path)
    await node.logs(container, "before")
    log.rename(log.with_suffix(".1"))
    await node.runtime.reopen_log(container)
    stream = await node.runtime.attach(container, stdin=True)
    await stream.write(b"\n")
    await node.logs(container, "after")
    await stream.close()


async def test_default_system_call_filter(node: Any) -> None:
    sandbox = await node.pod()
    container = await node.run(
        sandbox, "/bin/sleep", "1000", seccomp="RuntimeDefault", add_capabilities=("SYS_CHROOT",)
    )  # fmt: skip
    status = await node.said(container, "cat /proc/1/status")
    assert "Seccomp:\t2" in status
    refused = await node.runtime.exec_sync(container, ["/bin/busybox", "unshare", "-U", "true"], 10)
    assert b"Operation not permitted" in refused.stderr
    free = await node.run(sandbox, "/bin/sleep", "1000", name="free")
    assert (await node.runtime.exec_sync(free, ["/bin/busybox", "unshare", "-U", "true"], 10)).exit_code == 0


async def test_own_system_call_filter(node: Any) -> None:
    folder = Path(node.state, "seccomp")
    folder.mkdir()
    text = (
        '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}'
    )
    (folder / "no-mkdir.json").write_text(text)
    sandbox = await node.pod()
    container = await node.run(sandbox, "/bin/sleep", "1000", seccomp="localhost/no-mkdir.json")
    refused = await node.runtime.exec_sync(container, ["/bin/busybox", "mkdir", "/x"], 10)
    assert b"Operation not permitted" in refused.stderr
    for name in ("missing.json", "../../etc/passwd"):
        config = node.config(sandbox, "/bin/true", name="other", seccomp=f"localhost/{name}")
        with pytest.raises(HostError, match="seccomp profile") as caught:
            await node.runtime.create(config)
        assert caught.value.reason == "CreateContainerError"
        await node.runtime.remove(config.id)
