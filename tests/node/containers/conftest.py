"""A node's container parts on this machine, in a folder and cgroup of their own; a test must leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from podwright.agent.linux import namespaces
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.processes import command_lines
from podwright.agent.network.sandboxes import HostSandboxes
from podwright.agent.pods.ports import ContainerConfig, ContainerInfo, Image, ImageConfig, Limits, PodRef, Sandbox
from podwright.agent.runtime.containers import HostRuntime

APPLETS = "sh sleep cat echo ls mount id env hostname tty stty ping yes dd kill true readlink touch head nc ip wc test"

UNLIMITED = Limits()


def build_layer(folder: Path) -> str:
    """A root file system with nothing but busybox, as one layer."""
    (folder / "bin").mkdir(parents=True)
    shutil.copy("/bin/busybox", folder / "bin/busybox")
    for name in APPLETS.split():
        (folder / "bin" / name).symlink_to("busybox")
    (folder / "etc").mkdir()
    (folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n")
    (folder / "tmp").mkdir(mode=0o1777)
    return str(folder)


@dataclass
class Node:
    """What a test works with."""

    state: Path
    cluster: str
    cgroup_root: str
    cgroups: Cgroups
    sandboxes: HostSandboxes
    runtime: HostRuntime
    image: Image
    ends: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def pod(self, limits: Limits = UNLIMITED, **options: Any) -> Sandbox:
        ref = PodRef("default", "web", str(uuid.uuid4()))
        arguments: dict[str, Any] = {"hostname": "web", "host_network": False, "sysctls": {}, "limits": limits}
        return await self.sandboxes.ensure(ref, **{**arguments, **options})

    def config(
        self, sandbox: Sandbox, *args: str, name: str = "main", attempt: int = 0, **more: Any
    ) -> ContainerConfig:
        config = ContainerConfig(
            id=f"{sandbox.pod.uid}_{name}_{attempt}", pod=sandbox.pod, name=name, attempt=attempt, image=self.image,
            args=args, env=(), working_dir="/", mounts=(), limits=Limits(), sandbox=sandbox, hostname="web",
            log_path=str(self.state / "logs" / f"{sandbox.pod.uid}_{name}_{attempt}.log"),
        )  # fmt: skip
        return replace(config, **more)

    async def run(self, sandbox: Sandbox, *args: str, **more: Any) -> str:
        """Create and start a container; its id."""
        config = self.config(sandbox, *args, **more)
        await self.runtime.create(config)
        await self.runtime.start(config.id)
        return config.id

    async def shell(self, sandbox: Sandbox, script: str, **more: Any) -> str:
        return await self.run(sandbox, "/bin/sh", "-c", script, **more)

    async def ended(self, container_id: str) -> ContainerInfo:
        """Wait until a container is reported as ended."""
        while await self.ends.get() != container_id:
            pass
        return await self.inspect(container_id)

    async def inspect(self, container_id: str) -> ContainerInfo:
        info = await self.runtime.inspect(container_id)
        assert info is not None
        return info

    async def said(self, container_id: str, command: str) -> str:
        """What a shell command inside prints."""
        result = await self.runtime.exec_sync(container_id, ["/bin/sh", "-c", command], 20)
        assert result.exit_code == 0, result
        return result.stdout.decode().strip()

    def log(self, container_id: str, stream: str = "stdout") -> list[str]:
        """Lines of a container's log, without time and flags."""
        lines = Path(self.state, "logs", f"{container_id}.log").read_text().splitlines()
        return [line.split(" ", 3)[3] for line in lines if line.split(" ")[1] == stream]

    async def logs(self, container_id: str, *lines: str) -> None:
        """Wait until a container's log says exactly this."""
        await until(lambda: self.log(container_id) == list(lines))

    async def reopen(self) -> None:
        """As if the agent had been killed and started again: nothing is told to the old one."""
        self.runtime.close()
        self.sandboxes.close()
        self.sandboxes, self.runtime = await parts(self.state, self.cluster, self.cgroup_root, self.cgroups)
        self.runtime.subscribe(self.ends.put_nowait)

    async def clear(self) -> None:
        for container in await self.runtime.list():
            await self.runtime.remove(container.id)
        for sandbox in await self.sandboxes.list():
            await self.sandboxes.remove(sandbox.pod.uid)


async def until(fact: Callable[[], object]) -> None:
    """Wait for something that the kernel or another process does; the test's own time limit ends it."""
    while not fact():  # noqa: ASYNC110 - nobody tells us
        await asyncio.sleep(0.01)


async def parts(state: Path, cluster: str, root: str, cgroups: Cgroups) -> tuple[HostSandboxes, HostRuntime]:
    sandboxes = HostSandboxes(state_dir=state, cluster_id=cluster, cgroup_root=root, cgroups=cgroups)
    sandboxes.set_pod_cidr("10.213.7.0/24")
    return sandboxes, await HostRuntime.open(state_dir=state, cgroup_root=root, cgroups=cgroups)


def host(cluster: str, root: str, state: Path) -> dict[str, object]:
    """Everything of ours on this host."""

    def lines(*argv: str) -> list[str]:
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()

    cgroups = [str(path) for path in Path("/sys/fs/cgroup").rglob(f"{root}/*") if path.is_dir()]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return {
        "mounts": [line for line in mounts if str(state) in line or cluster in line],
        "namespaces": [name for name in os.listdir(namespaces.NETNS_FOLDER) if cluster in name],
        "addresses": [line for line in lines("ip", "-4", "route") if "10.213.7." in line],
        "cgroups": cgroups,
        "processes": [words for _, words in command_lines() if any(str(state) in word for word in words)],
        "records": [str(path) for name in ("containers", "exits", "runtime") for path in (state / name).glob("*")],
    }


@pytest.fixture
async def node(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Node]:
    """Make a running node; afterwards everything of it must be gone from the host."""
    cluster = f"t{os.getpid():x}"
    root = f"podwright-{cluster}/{request.node.name[:20]}"
    # Deeper than any socket address may be.
    state = tmp_path / "a-folder-with-a-rather-long-name-as-they-occur-in-practice" / "state"
    state.mkdir(parents=True)
    namespaces.share_netns_folder()
    cgroups = Cgroups.of_host()
    sandboxes, runtime = await parts(state, cluster, root, cgroups)
    image = Image("sha256:1", "", ("test",), 1, (build_layer(tmp_path / "layer"),), ImageConfig())
    node = Node(state, cluster, root, cgroups, sandboxes, runtime, image)
    runtime.subscribe(node.ends.put_nowait)
    try:
        yield node
        await node.clear()
        left = host(cluster, root, state)
        assert not any(left.values()), left
    finally:
        await node.clear()
        node.runtime.close()
        node.sandboxes.close()
        cgroups.remove(f"podwright-{cluster}")
        namespaces.release_netns_folder()


@pytest.fixture
def write_layer(tmp_path: Path) -> Callable[[str, dict[str, str]], str]:
    """Makes one more image layer of a name and files."""

    def write(name: str, files: dict[str, str]) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file).write_text(text)
        return str(folder)

    return write


@pytest.fixture(name="until")
def until_fixture() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Waits for a fact."""
    return until
