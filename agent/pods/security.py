"""A container's security settings for the runtime: capabilities, privileges, seccomp, AppArmor, /proc masking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.users import effective


@dataclass(frozen=True, slots=True)
class Security:
    """What ContainerConfig takes from securityContext, besides the user."""

    privileged: bool = False
    read_only_rootfs: bool = False
    no_new_privileges: bool = False
    add_capabilities: tuple[str, ...] = ()
    drop_capabilities: tuple[str, ...] = ()
    seccomp: str = ""
    apparmor: str = ""
    masked_proc: bool = True


def resolve(pod_spec: Mapping[str, Any], container: Mapping[str, Any]) -> Security:
    """Combine the container's context with the pod's."""
    context: Mapping[str, Any] = container.get("securityContext") or {}
    capabilities: Mapping[str, Any] = context.get("capabilities") or {}
    return Security(
        privileged=bool(context.get("privileged")),
        read_only_rootfs=bool(context.get("readOnlyRootFilesystem")),
        no_new_privileges=context.get("allowPrivilegeEscalation") is False,
        add_capabilities=tuple(_capability(c) for c in capabilities.get("add") or ()),
        drop_capabilities=tuple(_capability(c) for c in capabilities.get("drop") or ()),
        seccomp=_profile(effective(pod_spec, container, "seccompProfile")),
        apparmor=_profile(effective(pod_spec, container, "appArmorProfile")),
        masked_proc=context.get("procMount") != "Unmasked",
    )


def _capability(name: str) -> str:
    upper = name.upper()
    return upper if upper == "ALL" or upper.startswith("CAP_") else f"CAP_{upper}"


def _profile(profile: Mapping[str, Any] | None) -> str:
    if not profile:
        return ""
    if profile.get("type") == "Localhost":
        return f"localhost/{profile.get('localhostProfile', '')}"
    return str(profile.get("type") or "")


def sysctls(pod_spec: Mapping[str, Any]) -> dict[str, str]:
    """Return the kernel settings that a pod asks for."""
    context: Mapping[str, Any] = pod_spec.get("securityContext") or {}
    return {s["name"]: str(s["value"]) for s in context.get("sysctls") or ()}
