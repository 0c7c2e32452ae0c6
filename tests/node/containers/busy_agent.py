"""Makes and removes pods without an end, to be killed in the middle: python busy_agent.py STATE CLUSTER ROOT LAYER."""

from __future__ import annotations

import asyncio
import sys
import uuid
from pathlib import Path

from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.network.sandboxes import HostSandboxes
from podwright.agent.pods.ports import ContainerConfig, Image, ImageConfig, Limits, PodRef
from podwright.agent.runtime.containers import HostRuntime


async def main(state: Path, cluster: str, root: str, layer: str) -> None:
    cgroups = Cgroups.of_host()
    sandboxes = HostSandboxes(state_dir=state, cluster_id=cluster, cgroup_root=root, cgroups=cgroups)
    sandboxes.set_pod_cidr("10.213.7.0/24")
    runtime = await HostRuntime.open(state_dir=state, cgroup_root=root, cgroups=cgroups)
    image = Image("sha256:1", "", ("test",), 1, (layer,), ImageConfig())

    async def pods() -> None:
        while True:
            pod = PodRef("default", "p", str(uuid.uuid4()))
            limits = Limits(memory_bytes=32 << 20)
            sandbox = await sandboxes.ensure(pod, hostname="p", host_network=False, limits=limits, sysctls={})
            config = ContainerConfig(
                id=f"{pod.uid}_c_0", pod=pod, name="c", attempt=0, image=image, args=("/bin/sleep", "1000"), env=(),
                working_dir="/", mounts=(), limits=limits, sandbox=sandbox, log_path=str(state / "logs" / pod.uid),
                hostname="p",
            )  # fmt: skip
            await runtime.create(config)
            await runtime.start(config.id)
            await runtime.remove(config.id)
            await sandboxes.remove(pod.uid)

    print("ready", flush=True)
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(pods())


asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
