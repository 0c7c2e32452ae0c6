"""The table of controls: which level asks for one, since which minor version, and what it looks at.

A row replaces the earlier ones of its name from its version on. A row of "restricted" may stand in for one of
"baseline", of which it asks more. Texts list baseline's controls first, each level's by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Final

from podwright.apiserver.pod_security import hosts, privileges, profiles, users, volumes
from podwright.apiserver.pod_security.level import BASELINE, PRIVILEGED, RESTRICTED, Standard
from podwright.apiserver.pod_security.violation import JSON, Check, Violation


@dataclass(frozen=True, slots=True)
class Control:
    """One row: `instead` is the control of "baseline" that it stands in for."""

    name: str
    level: str
    since: int
    check: Check
    instead: str = ""


# what was found harmless, and when
_SYSCTLS: Final = {
    0: (
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
    ),
    27: ("net.ipv4.ip_local_reserved_ports",),
    29: (
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
    ),
    32: ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
}  # fmt: skip


def _but_windows(check: Check) -> Check:
    """A check that means nothing to containers of Windows, where its field may not be set."""

    def checked(metadata: JSON, spec: JSON) -> Violation | None:
        return None if (spec.get("os") or {}).get("name") == "windows" else check(metadata, spec)

    return checked


def _but_own_users(check: Check) -> Check:
    """A check that pods with users of their own pass: their root is nobody on the node."""

    def checked(metadata: JSON, spec: JSON) -> Violation | None:
        return None if spec.get("hostUsers") is False else check(metadata, spec)

    return checked


def _sysctl_rows() -> list[Control]:
    allowed = accumulate((frozenset(names) for names in _SYSCTLS.values()), frozenset.union)
    return [
        Control("sysctls", BASELINE, since, profiles.sysctls(s)) for since, s in zip(_SYSCTLS, allowed, strict=True)
    ]


_CAPABILITIES, _SECCOMP = "capabilities_baseline", "seccompProfile_baseline"
CONTROLS: Final[Sequence[Control]] = (
    Control("appArmorProfile", BASELINE, 0, profiles.apparmor),
    Control(_CAPABILITIES, BASELINE, 0, privileges.usual_capabilities),
    Control("hostNamespaces", BASELINE, 0, hosts.namespaces),
    Control("hostPathVolumes", BASELINE, 0, volumes.host_paths),
    Control("hostPorts", BASELINE, 0, hosts.ports),
    Control("hostProbesAndHostLifecycle", BASELINE, 34, hosts.probes),
    Control("privileged", BASELINE, 0, privileges.privileged),
    Control("procMount", BASELINE, 0, profiles.proc_mount),
    Control("procMount", BASELINE, 35, _but_own_users(profiles.proc_mount)),
    Control("seLinuxOptions", BASELINE, 0, profiles.selinux(profiles.SELINUX_TYPES)),
    Control("seLinuxOptions", BASELINE, 31, profiles.selinux(profiles.SELINUX_TYPES | {"container_engine_t"})),
    Control(_SECCOMP, BASELINE, 0, profiles.seccomp_annotations),
    Control(_SECCOMP, BASELINE, 19, profiles.seccomp),
    *_sysctl_rows(),
    Control("windowsHostProcess", BASELINE, 0, hosts.processes),
    Control("allowPrivilegeEscalation", RESTRICTED, 8, privileges.escalation),
    Control("allowPrivilegeEscalation", RESTRICTED, 25, _but_windows(privileges.escalation)),
    Control("capabilities_restricted", RESTRICTED, 22, privileges.few_capabilities, _CAPABILITIES),
    Control("capabilities_restricted", RESTRICTED, 25, _but_windows(privileges.few_capabilities), _CAPABILITIES),
    Control("procMount_restricted", RESTRICTED, 35, profiles.proc_mount, "procMount"),
    Control("restrictedVolumes", RESTRICTED, 0, volumes.sources, "hostPathVolumes"),
    Control("runAsNonRoot", RESTRICTED, 0, users.not_root),
    Control("runAsNonRoot", RESTRICTED, 35, _but_own_users(users.not_root)),
    Control("runAsUser", RESTRICTED, 23, users.user_zero),
    Control("runAsUser", RESTRICTED, 35, _but_own_users(users.user_zero)),
    Control("seccompProfile_restricted", RESTRICTED, 19, profiles.seccomp_named, _SECCOMP),
    Control("seccompProfile_restricted", RESTRICTED, 25, _but_windows(profiles.seccomp_named), _SECCOMP),
)


@cache
def controls_of(standard: Standard) -> tuple[Control, ...]:
    """The controls of a standard, in the order of texts."""
    if standard.level == PRIVILEGED:
        return ()
    asked = {row.name: row for row in CONTROLS if row.since <= standard.minor}  # the last of a name is the newest
    if standard.level == BASELINE:
        return tuple(row for row in asked.values() if row.level == BASELINE)
    replaced = {row.instead for row in asked.values()}
    return tuple(row for row in asked.values() if row.name not in replaced)


def violations(standard: Standard, metadata: JSON, spec: JSON) -> list[Violation]:
    """What of a pod a standard forbids."""
    found = (control.check(metadata, spec) for control in controls_of(standard))
    return [violation for violation in found if violation is not None]
