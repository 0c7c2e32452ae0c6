"""Pod sandboxes: namespaces pinned by files, a routed veth, an address, a pod cgroup; no process but for shared pids.

The record of a sandbox is written before anything is made and deleted after everything is gone, so that nothing on
the host is ever without an owner; `ensure` and `remove` may be cut off anywhere and called again.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from podwright.agent.linux import libc, mounts, namespaces
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.locks import KeyedLocks
from podwright.agent.linux.netlink import RouteSocket, delete_link
from podwright.agent.linux.threads import to_its_end
from podwright.agent.network import names, pod_link, process_namespace
from podwright.agent.network import sysctls as kernel_settings
from podwright.agent.network.ipam import AddressPool, NoFreeAddressError
from podwright.agent.network.link_removal import LinkRemover
from podwright.agent.network.sandbox_records import SandboxRecord, SandboxRecords
from podwright.agent.pods.ports import HostError, Limits, PodRef, Sandbox

SHM_BYTES: Final = 64 << 20
USUAL_MTU: Final = 1500
REASON: Final = "FailedCreatePodSandBox"


class HostSandboxes:
    """Implements `Sandboxes` (agent/pods/ports.py) on this host. Make it in the node's network namespace."""

    def __init__(self, *, state_dir: Path, cluster_id: str, cgroup_root: str, cgroups: Cgroups) -> None:
        self._cluster = cluster_id
        self._cgroup_root = cgroup_root
        self._cgroups = cgroups
        self._records = SandboxRecords(state_dir / "sandboxes")
        self._socket = RouteSocket()
        self._mtu = self._socket.uplink_mtu() or USUAL_MTU
        self._links = LinkRemover(self._socket)
        self._pool: AddressPool | None = None
        self._owners = KeyedLocks()
        namespaces.share_netns_folder()

    def close(self) -> None:
        """Let go of descriptors; sandboxes live on."""
        self._socket.close()

    def set_pod_cidr(self, cidr: str) -> None:
        """Take pod addresses from this range from now on; addresses found in use stay in use."""
        pool = AddressPool(cidr, self._records.last_address())
        for uid in self._records.uids():
            record = self._records.read(uid)
            if record is not None and record.ip:
                pool.hold(record.ip)
        self._pool = pool

    async def ensure(
        self,
        pod: PodRef,
        *,
        hostname: str,
        host_network: bool,
        limits: Limits,
        sysctls: Mapping[str, str],
        ip: str = "",
    ) -> Sandbox:
        """Create the sandbox, or complete and return the one that is there. `ip`: keep this address if it is free."""
        async with self._owners.hold(pod.uid):
            record, whole = await asyncio.to_thread(self._look, pod.uid)
            if record is not None and whole:
                return self._sandbox(record)
            address = "" if host_network else self._address(record, ip)
            record = SandboxRecord(pod=pod, host_network=host_network, ip=address, complete=False)
            try:
                await to_its_end(self._make, record, hostname, limits, dict(sysctls))
            except (OSError, ValueError) as error:
                raise HostError(REASON, f"cannot create sandbox of pod {pod.namespace}/{pod.name}: {error}") from error
            return self._sandbox(record)

    async def shared_processes(self, uid: str) -> int:
        """Return the pid of the first process of the pod's own process namespace, made when it is not there."""
        async with self._owners.hold(uid):
            cgroup = f"{names.pod_cgroup(self._cgroup_root, uid)}/first-process"
            try:
                return await process_namespace.ensure(self._records.folder(uid), self._cgroups, cgroup)
            except (OSError, TimeoutError) as error:
                raise HostError(REASON, f"cannot share processes in pod {uid}: {error}") from error

    async def remove(self, uid: str) -> None:
        """Remove netns, veth, routes, address and cgroup of this pod; processes left in its cgroup are killed."""
        async with self._owners.hold(uid):
            try:
                # The node's end first: the kernel takes a dying namespace's links away later, in the background, and
                # the pod's address must not answer any more when this returns.
                await self._links.remove(names.link_name(uid))
                address = await to_its_end(self._unmake, uid)
            except OSError as error:
                raise HostError("FailedKillPod", f"cannot remove sandbox of pod {uid}: {error}") from error
            if self._pool is not None and address:
                self._pool.release(address)

    async def list(self) -> list[Sandbox]:
        """Everything found on the host that this node owns, complete or not."""
        return await asyncio.to_thread(self._list)

    async def set_limits(self, uid: str, limits: Limits) -> None:
        """Change the pod cgroup in place."""
        path = names.pod_cgroup(self._cgroup_root, uid)
        try:
            await asyncio.to_thread(self._cgroups.apply, path, limits)
        except OSError as error:
            raise HostError("FailedResize", f"cannot change limits of pod {uid}: {error}") from error

    def _address(self, record: SandboxRecord | None, wanted: str) -> str:
        """The pod's address: the one it has, else the one it wants, else the next."""
        if record is not None and record.ip:
            return record.ip
        if self._pool is None:
            raise HostError(REASON, "cannot choose a pod address: this node has no pod CIDR yet")
        try:
            return self._pool.take(wanted)
        except NoFreeAddressError as error:
            raise HostError(REASON, str(error)) from error

    def _pins(self, record: SandboxRecord) -> dict[str, str]:
        """Which namespaces the sandbox has, and the files that pin them."""
        folder = self._records.folder(record.pod.uid)
        pins = {"ipc": str(folder / "ipc")}
        if not record.host_network:
            # On the host network a pod has the host's name as well, as its programs expect.
            pins |= {"net": names.netns_path(self._cluster, record.pod.uid), "uts": str(folder / "uts")}
        return pins

    def _look(self, uid: str) -> tuple[SandboxRecord | None, bool]:
        """The record, and whether everything that it promises is still there (after a reboot it is not); blocks."""
        record = self._records.read(uid)
        if record is None or not record.complete:
            return record, False
        return record, all(namespaces.is_pinned(path) for path in self._pins(record).values())

    def _make(self, record: SandboxRecord, hostname: str, limits: Limits, settings: dict[str, str]) -> None:
        uid = record.pod.uid
        if self._records.folder(uid).exists():
            self._socket.send([delete_link(names.link_name(uid))], ignore=(errno.ENODEV,))
            self._unmake_namespaces(uid)
        self._records.write(record)
        if record.ip:
            self._records.remember_address(record.ip)
        self._cgroups.create(names.pod_cgroup(self._cgroup_root, uid), limits)
        shm = self._records.folder(uid) / "shm"
        shm.mkdir(exist_ok=True)
        mounts.execute([mounts.TmpfsMount(str(shm), SHM_BYTES, name="shm")])
        namespaces.create(self._pins(record), lambda: self._furnish(record, hostname, settings))
        if record.ip:
            index = self._socket.index(names.link_name(uid))
            if index is None:
                raise OSError(errno.ENODEV, f"link {names.link_name(uid)} vanished")
            self._socket.send(pod_link.on_node(record.ip, index))
        self._records.write(SandboxRecord(record.pod, record.host_network, record.ip, complete=True))

    def _furnish(self, record: SandboxRecord, hostname: str, settings: dict[str, str]) -> None:
        """Runs on a thread inside the new namespaces."""
        if not record.host_network:
            libc.sethostname(hostname)
            fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                self._socket.send([pod_link.pair(names.link_name(record.pod.uid), record.ip, fd, self._mtu)])
            finally:
                os.close(fd)
            socket = RouteSocket()
            try:
                socket.send(pod_link.inside(record.ip))
            finally:
                socket.close()
            settings = {**kernel_settings.POD_DEFAULTS, **settings}
        kernel_settings.apply(settings)

    def _unmake(self, uid: str) -> str:
        """Take everything but the link away; returns the address that was held, or ""."""
        record = self._records.read(uid)
        cgroup = names.pod_cgroup(self._cgroup_root, uid)
        if self._cgroups.exists(cgroup):
            self._cgroups.kill(cgroup)
            self._cgroups.remove(cgroup)
        self._unmake_namespaces(uid)
        self._records.delete(uid)
        return record.ip if record else ""

    def _unmake_namespaces(self, uid: str) -> None:
        namespaces.unpin(names.netns_path(self._cluster, uid))
        mounts.unmount_under(str(self._records.folder(uid)))

    def _list(self) -> list[Sandbox]:
        found: list[Sandbox] = []
        for uid in self._records.uids():
            record = self._records.read(uid)
            if record is None:
                cgroup = names.pod_cgroup(self._cgroup_root, uid)
                found.append(Sandbox(PodRef("", "", uid), netns="", ipcns="", utsns="", ips=(), cgroup=cgroup))
            else:
                found.append(self._sandbox(record))
        return found

    def _sandbox(self, record: SandboxRecord) -> Sandbox:
        pins = self._pins(record)
        return Sandbox(
            pod=record.pod,
            netns=pins.get("net", ""),
            ipcns=pins["ipc"],
            utsns=pins.get("uts", ""),
            ips=(record.ip,) if record.ip else (),
            cgroup=names.pod_cgroup(self._cgroup_root, record.pod.uid),
            shm=str(self._records.folder(record.pod.uid) / "shm"),
        )
