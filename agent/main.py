"""The node agent: `python -m podwright.agent.main --config FILE`, run in the node's network namespace.

Wires this host's implementations to the ports and runs until SIGTERM. Containers outlive it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
import time
from pathlib import Path

from podwright.agent import config as configuration
from podwright.agent.config import AgentConfig, ConfigError
from podwright.agent.host_network import HostNetwork
from podwright.agent.images.store import ImageStore
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.network.sandboxes import HostSandboxes
from podwright.agent.pods.ports import HostError, Objects, Tokens
from podwright.agent.runtime.containers import HostRuntime
from podwright.agent.server import Agent, DownwardFields, Ports
from podwright.agent.volumes.host_mounter import HostMounter
from podwright.agent.volumes.manager import VolumeManager

log = logging.getLogger(__name__)


async def serve(config: AgentConfig, stop: asyncio.Event, renew: asyncio.Event) -> None:
    """Run the node until `stop` is set; `renew` asks for a new certificate. Raises HostError."""
    cgroups = await asyncio.to_thread(Cgroups.of_host)
    runtime = await HostRuntime.open(
        state_dir=config.state_dir, cgroup_root=config.cgroup_root, cgroups=cgroups, conmon_path=config.conmon
    )
    sandboxes = HostSandboxes(
        state_dir=config.state_dir, cluster_id=config.cluster_id, cgroup_root=config.cgroup_root, cgroups=cgroups
    )
    images = ImageStore(config.images_dir)
    network = HostNetwork(config, sandboxes)

    def volumes(objects: Objects, tokens: Tokens, downward: DownwardFields) -> VolumeManager:
        return VolumeManager(config.state_dir, objects, tokens, downward, HostMounter(), time.time)

    ports = Ports(runtime, sandboxes, images, network, runtime.runtime_version)
    agent = Agent(config, ports, volumes, time.time)
    log.info("Node %s runs containers with %s", config.node_name, runtime.runtime_version)
    gc.collect()
    gc.freeze()
    work = asyncio.create_task(agent.run(), name="agent")
    stopped = asyncio.create_task(stop.wait())
    renewals = asyncio.create_task(_renew(agent, renew))
    try:
        await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            await work
    finally:
        for task in (work, stopped, renewals):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        await images.close()
        await network.close()
        sandboxes.close()
        runtime.close()


async def _renew(agent: Agent, renew: asyncio.Event) -> None:
    """Have the node's certificate made anew whenever somebody asks for it."""
    while True:
        await renew.wait()
        renew.clear()
        agent.link.renew()


def _use_few_arenas() -> None:
    """Have all threads share two heaps: the C library's default of eight a core costs megabytes of held-back memory."""
    arena_max = -8  # M_ARENA_MAX
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(arena_max, 2)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="podwright-agent", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        config = configuration.load(arguments.config)
    except ConfigError as e:
        sys.exit(f"cannot start the agent: {e}")
    import uvloop

    async def run() -> None:
        stop, renew, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
        for number, event in ((signal.SIGINT, stop), (signal.SIGTERM, stop), (signal.SIGHUP, renew)):
            loop.add_signal_handler(number, event.set)
        await serve(config, stop, renew)

    _use_few_arenas()
    os.umask(0o022)
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        uvloop.run(run())
    except HostError as e:
        sys.exit(f"cannot start the agent: {e.message}")


if __name__ == "__main__":
    main()
