"""The node's part of the pod network: forwarding, the ways to other nodes' pods, address translation, host ports.

Everything here is declared as a whole and compared with what the kernel has; nothing is remembered, so a restarted
agent only declares again. Use it inside the node's network namespace.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from podwright.agent.linux import spawn
from podwright.agent.linux.netlink import RouteSocket, delete_route, put_route
from podwright.agent.network import firewall, routes
from podwright.agent.network.firewall import HostPort
from podwright.agent.pods.ports import HostError

REASON: Final = "NetworkNotReady"
_FORWARD: Final = Path("/proc/sys/net/ipv4/ip_forward")


class NodeNetwork:
    """One node's network, for one cluster. Errors are HostError(NetworkNotReady)."""

    def __init__(self, cluster_id: str, pod_cidrs: Sequence[str]) -> None:
        """`pod_cidrs`: the ranges that hold every node's pods."""
        self._cluster = cluster_id
        self._ranges = tuple(pod_cidrs)
        self._socket = RouteSocket()
        self._nft = shutil.which("nft") or "/usr/sbin/nft"
        self._ports: tuple[HostPort, ...] | None = None
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Forward packets, and translate what leaves the pod ranges."""
        try:
            await asyncio.to_thread(_FORWARD.write_text, "1")
        except OSError as error:
            raise HostError(REASON, f"cannot forward packets: {error}") from error
        await self._apply(firewall.setup(self._cluster, self._ranges))

    async def set_routes(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Reach these pod CIDRs through these node addresses, and no others any more."""

        def change() -> None:
            todo = routes.changes(wanted, self._socket.routes(), self._ranges)
            self._socket.send([delete_route(route) for route in todo.remove], ignore=(errno.ESRCH,))
            self._socket.send([put_route(cidr, via) for cidr, via in todo.put])

        async with self._lock:
            try:
                await asyncio.to_thread(change)
            except OSError as error:
                raise HostError(REASON, f"cannot set routes to other nodes: {error}") from error

    async def set_host_ports(self, ports: Sequence[HostPort]) -> None:
        """Make exactly these ports of the node lead to pods. Nothing is done when they are the same as before."""
        wanted = tuple(sorted(ports, key=repr))
        async with self._lock:
            if wanted != self._ports:
                await self._apply(firewall.host_ports(self._cluster, wanted))
                self._ports = wanted

    async def close(self, *, remove: bool = False) -> None:
        """Let go of descriptors; with `remove` also take routes and rules away (forwarding stays on)."""
        try:
            if remove:
                await self.set_routes(())
                await self._apply(firewall.teardown(self._cluster))
        finally:
            self._socket.close()

    async def _apply(self, rules: str) -> None:
        try:
            result = await spawn.run([self._nft, "-f", "-"], feed=rules.encode())
        except (OSError, TimeoutError) as error:
            raise HostError(REASON, f"cannot run nft: {str(error) or 'no answer'}") from error
        if result.returncode != 0:
            reason = result.stderr.decode(errors="replace").strip()
            raise HostError(REASON, f"cannot set nftables rules: {reason}")
