"""A container's mounts: its volumes (with sub-paths held inside the volume) and the pod's own small files."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podwright.agent.pods.expand import expand
from podwright.agent.pods.files import ETC_HOSTS, PodFiles
from podwright.agent.pods.ports import HostError, Mount

_CONFIG_ERROR = "CreateContainerConfigError"
_PROPAGATION = {"HostToContainer": "rslave", "Bidirectional": "rshared"}


def container_mounts(
    container: Mapping[str, Any], volumes: Mapping[str, str], files: PodFiles, env: Mapping[str, str]
) -> tuple[Mount, ...]:
    """Build the list. `volumes`: name -> host path. Raises HostError(CreateContainerConfigError)."""
    found: list[Mount] = []
    taken: set[str] = set()
    for mount in container.get("volumeMounts") or ():
        source = volumes.get(mount["name"])
        if source is None:
            raise HostError(_CONFIG_ERROR, f'cannot find volume "{mount["name"]}" to mount into container')
        sub = _sub_path(mount, env)
        if sub:
            source = _inside(source, sub, mount["name"], container.get("name", ""))
        target = mount["mountPath"]
        if not target.startswith("/"):
            target = "/" + target
        taken.add(os.path.normpath(target))
        propagation = _PROPAGATION.get(mount.get("mountPropagation") or "", "private")
        found.append(Mount(source, target, bool(mount.get("readOnly")), propagation))
    for target, name in ((ETC_HOSTS, "hosts"), ("/etc/resolv.conf", "resolv.conf"), ("/etc/hostname", "hostname")):
        if target not in taken and "/etc" not in taken:
            found.append(Mount(files.path(name), target))
    # Parents first, so that a mount never hides one made before it.
    return tuple(sorted(found, key=lambda m: m.target.count("/") if m.target != "/" else 0))


def _sub_path(mount: Mapping[str, Any], env: Mapping[str, str]) -> str:
    expression = mount.get("subPathExpr")
    if expression:
        sub = expand(expression, env)
        if "$(" in sub:
            text = f'missing value for "{sub[sub.index("$(") + 2 :].partition(")")[0]}"'
            raise HostError(_CONFIG_ERROR, f"failed to expand subPath: {text}")
    else:
        sub = mount.get("subPath") or ""
    if sub.startswith("/"):
        raise HostError(_CONFIG_ERROR, f"error SubPath `{sub}` must not be an absolute path")
    if ".." in sub.split("/"):
        raise HostError(_CONFIG_ERROR, f"unable to provision SubPath `{sub}`: must not contain '..'")
    return sub


def _inside(volume: str, sub: str, name: str, container: str) -> str:
    """Resolve a sub-path without leaving the volume; missing folders are made."""
    prefix = f'failed to prepare subPath for volumeMount "{name}" of container "{container}"'
    root = Path(volume).resolve()
    path = (root / sub).resolve()
    if not path.is_relative_to(root):
        raise HostError(_CONFIG_ERROR, f"{prefix}: it leaves the volume")
    try:
        if not path.exists():
            _make_folders(root, path, stat.S_IMODE(root.stat().st_mode))
    except OSError as e:
        raise HostError(_CONFIG_ERROR, f"{prefix}: {e.strerror}") from e
    return str(path)


def _make_folders(root: Path, path: Path, mode: int) -> None:
    current = root
    for part in path.relative_to(root).parts:
        current = current / part
        if not current.is_dir():
            current.mkdir()
            current.chmod(mode)
