"""Names of a pod's things on the host, derived from its uid so that they are found again after a crash."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from podwright.agent.linux.namespaces import NETNS_FOLDER

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def short(uid: str) -> str:
    """Twelve hex digits for a pod's uid; a uid of another form (static pods) is hashed."""
    return uid.replace("-", "")[:12] if _UUID.fullmatch(uid) else hashlib.sha256(uid.encode()).hexdigest()[:12]


def netns_path(cluster_id: str, uid: str) -> str:
    """Where the pod's network namespace is pinned; `ip netns exec` takes its last part."""
    return f"{NETNS_FOLDER}/pw-{cluster_id}-{short(uid)}"


def link_name(uid: str) -> str:
    """The node's end of the pod's veth; the kernel allows 15 characters."""
    return f"pw{short(uid)}"


def pod_cgroup(cgroup_root: str, uid: str) -> str:
    """The pod's cgroup, relative to each controller's mount point."""
    return f"{cgroup_root.strip('/')}/pod{uid}"
