"""A container's mounts: its volumes and the pod's own small files. Pure; sub-paths are pinned by the volume manager."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.expand import expand
from podwright.agent.pods.files import ETC_HOSTS, PodFiles
from podwright.agent.pods.ports import HostError, Mount

_CONFIG_ERROR = "CreateContainerConfigError"
_KEPT = ("configMap", "secret", "downwardAPI", "projected")
_PROPAGATION = {"HostToContainer": "rslave", "Bidirectional": "rshared"}


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """A mount of a volume; with `sub`, of what lies at that path inside it. `name` is unique within the pod."""

    name: str
    mount: Mount
    sub: str = ""


def kept_by_node(pod_spec: Mapping[str, Any]) -> frozenset[str]:
    """Name the volumes whose content the node writes and brings up to date: nobody else may write there."""
    return frozenset(v["name"] for v in pod_spec.get("volumes") or () if any(kind in v for kind in _KEPT))


def volume_mounts(
    container: Mapping[str, Any], volumes: Mapping[str, str], env: Mapping[str, str], kept: Collection[str] = ()
) -> list[VolumeMount]:
    """Read volumeMounts. `volumes`: name -> host path; `kept`: those that are always read-only.

    Raises HostError(CreateContainerConfigError).
    """
    found: list[VolumeMount] = []
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        source = volumes.get(mount["name"])
        if source is None:
            raise HostError(_CONFIG_ERROR, f'cannot find volume "{mount["name"]}" to mount into container')
        target: str = mount["mountPath"]
        target = target if target.startswith("/") else f"/{target}"
        propagation = _PROPAGATION.get(mount.get("mountPropagation") or "", "private")
        made = Mount(source, target, bool(mount.get("readOnly")) or mount["name"] in kept, propagation)
        found.append(VolumeMount(f"{container.get('name', '')}-{index}", made, _sub_path(mount, env)))
    return found


def with_files(mounts: list[Mount], files: PodFiles) -> tuple[Mount, ...]:
    """Add the pod's files where no volume is mounted over them; parents come before what lies inside them."""
    taken = {os.path.normpath(m.target) for m in mounts}
    pod_files = ((ETC_HOSTS, "hosts"), ("/etc/resolv.conf", "resolv.conf"), ("/etc/hostname", "hostname"))
    added = [Mount(files.path(name), target) for target, name in pod_files if target not in taken]
    return tuple(sorted([*mounts, *added], key=lambda m: os.path.normpath(m.target).count("/")))


def _sub_path(mount: Mapping[str, Any], env: Mapping[str, str]) -> str:
    expression: str = mount.get("subPathExpr") or ""
    sub: str = expand(expression, env) if expression else mount.get("subPath") or ""
    if expression and "$(" in sub:
        missing = sub[sub.index("$(") + 2 :].partition(")")[0]
        raise HostError(_CONFIG_ERROR, f'failed to expand subPath: missing value for "{missing}"')
    if sub.startswith("/"):
        raise HostError(_CONFIG_ERROR, f"error SubPath `{sub}` must not be an absolute path")
    if ".." in sub.split("/"):
        raise HostError(_CONFIG_ERROR, f"unable to provision SubPath `{sub}`: must not contain '..'")
    return sub
