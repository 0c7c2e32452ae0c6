"""Who a container runs as: uid, gid and groups from its security context, its image and the image's user files.

The image's passwd and group files are read from the layers, newest first, because the container's root does not
exist yet. Files are small and read rarely; a call takes well under a millisecond.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podwright.agent.pods.ports import HostError

_MAX_FILE = 1 << 20
_CONFIG_ERROR = "CreateContainerConfigError"


@dataclass(frozen=True, slots=True)
class Identity:
    """A resolved user. `groups` are the additional ones."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class UserFiles:
    """The text of an image's /etc/passwd and /etc/group."""

    passwd: str = ""
    group: str = ""

    def user(self, name_or_uid: str) -> tuple[int, int] | None:
        """Return (uid, gid) of a user by name or number."""
        for fields in _rows(self.passwd, 4):
            if (fields[0] == name_or_uid or fields[2] == name_or_uid) and fields[2].isdigit() and fields[3].isdigit():
                return int(fields[2]), int(fields[3])
        return None

    def user_name(self, uid: int) -> str:
        """Return a user's name, "" when it has none."""
        return next((f[0] for f in _rows(self.passwd, 4) if f[2] == str(uid)), "")

    def group_id(self, name: str) -> int | None:
        """Return a group's id by name."""
        return next((int(f[2]) for f in _rows(self.group, 3) if f[0] == name and f[2].isdigit()), None)

    def groups_of(self, user: str) -> list[int]:
        """Return the groups that list a user as member."""
        return [
            int(f[2])
            for f in _rows(self.group, 4)
            if user and f[2].isdigit() and user in (m.strip() for m in f[3].split(","))
        ]


def _rows(text: str, least: int) -> Iterable[list[str]]:
    for line in text.splitlines():
        fields = line.strip().split(":")
        if len(fields) >= least and not line.startswith("#"):
            yield fields


def read_user_files(layers: Sequence[str]) -> UserFiles:
    """Read passwd and group from unpacked layers (bottom first)."""
    return UserFiles(_find(layers, "passwd"), _find(layers, "group"))


def _find(layers: Sequence[str], name: str) -> str:
    for layer in reversed(layers):
        folder = Path(layer) / "etc"
        path = folder / name
        try:
            if folder.is_symlink():
                continue
            mode = path.lstat().st_mode
        except OSError:
            continue
        if not stat.S_ISREG(mode):
            return ""  # removed in this layer, or nothing we would follow
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_MAX_FILE)
    return ""


def effective(pod_spec: Mapping[str, Any], container: Mapping[str, Any], key: str) -> Any:
    """Return a security setting: the container's, else the pod's."""
    own = (container.get("securityContext") or {}).get(key)
    return (pod_spec.get("securityContext") or {}).get(key) if own is None else own


def resolve(
    pod_spec: Mapping[str, Any], container: Mapping[str, Any], image_user: str, files: UserFiles, *, pod_name: str
) -> Identity:
    """Decide whom a container runs as. Raises HostError(CreateContainerConfigError)."""
    run_as = effective(pod_spec, container, "runAsUser")
    run_as_group = effective(pod_spec, container, "runAsGroup")
    wanted_user, _, wanted_group = image_user.partition(":")
    if run_as is not None:
        uid = int(run_as)
        known = files.user(str(uid))
        gid = known[1] if known else 0
    else:
        uid, gid = _image_user(wanted_user, files)
        if wanted_group:
            gid = _image_group(wanted_group, files)
    if run_as_group is not None:
        gid = int(run_as_group)
    _check_non_root(pod_spec, container, uid, wanted_user, explicit=run_as is not None, pod_name=pod_name)
    groups = {gid}
    context: Mapping[str, Any] = pod_spec.get("securityContext") or {}
    groups.update(int(g) for g in context.get("supplementalGroups") or ())
    if context.get("fsGroup") is not None:
        groups.add(int(context["fsGroup"]))
    if context.get("supplementalGroupsPolicy") != "Strict":
        groups.update(files.groups_of(files.user_name(uid)))
    return Identity(uid, gid, tuple(sorted(groups)))


def _image_user(name: str, files: UserFiles) -> tuple[int, int]:
    if not name:
        return 0, 0
    known = files.user(name)
    if known:
        return known
    if name.isdigit():
        return int(name), 0
    raise HostError(_CONFIG_ERROR, f"unable to find user {name}: no matching entries in passwd file")


def _image_group(name: str, files: UserFiles) -> int:
    if name.isdigit():
        return int(name)
    found = files.group_id(name)
    if found is None:
        raise HostError(_CONFIG_ERROR, f"unable to find group {name}: no matching entries in group file")
    return found


def _check_non_root(
    pod_spec: Mapping[str, Any],
    container: Mapping[str, Any],
    uid: int,
    image_user: str,
    *,
    explicit: bool,
    pod_name: str,
) -> None:
    if not effective(pod_spec, container, "runAsNonRoot"):
        return
    where = f'(pod: "{pod_name}", container: {container.get("name", "")})'
    if explicit:
        if uid == 0:
            raise HostError(_CONFIG_ERROR, f"container's runAsUser breaks non-root policy {where}")
    elif uid == 0:
        raise HostError(_CONFIG_ERROR, f"container has runAsNonRoot and image will run as root {where}")
    elif not image_user.isdigit():
        text = f"container has runAsNonRoot and image has non-numeric user ({image_user}), "
        raise HostError(_CONFIG_ERROR, text + f"cannot verify user is non-root {where}")
