"""What a pod asks of the node's kernel, and whether this node gives it: sysctls and AppArmor profiles.

A pod that asks for more is refused before anything of it is made; running it without would be a promise broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.security import resolve, sysctls
from podwright.agent.pods.spec import Pod, containers, host_network


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a pod is refused: the status' reason and message."""

    reason: str
    message: str


# Settings that concern the pod's own namespaces alone and can do no harm to others.
_SAFE_SYSCTLS = frozenset({
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
})  # fmt: skip


def check(pod: Pod, *, apparmor: bool) -> Rejection | None:
    """Return why this kernel cannot run the pod as it asks, None when it can."""
    spec: Mapping[str, Any] = pod["spec"]
    for name in (each.replace("/", ".") for each in sysctls(spec)):
        if name not in _SAFE_SYSCTLS:
            return Rejection("SysctlForbidden", f'forbidden sysctl: "{name}" not allowlisted')
        if name.startswith("net.") and host_network(pod):
            return Rejection("SysctlForbidden", f'forbidden sysctl: "{name}" not allowed with host net enabled')
        if name.startswith("kernel.") and spec.get("hostIPC"):
            return Rejection("SysctlForbidden", f'forbidden sysctl: "{name}" not allowed with host ipc enabled')
    if not apparmor and any(profile.lower() not in ("", "unconfined") for profile in _profiles(pod)):
        return Rejection("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
    return None


def _profiles(pod: Pod) -> Iterator[str]:
    for container in containers(pod):
        yield resolve(pod["spec"], container.spec).apparmor
