"""Who may do anything, whatever roles say, and who is a node. Pure."""

from __future__ import annotations

from typing import Final

from podwright.apiserver.user import COMPONENT, GATEWAY, MASTERS, NODE_PREFIX, NODES, User

COMPONENTS: Final = frozenset(("system:kube-scheduler", "system:kube-controller-manager", "system:apiserver"))
"""The cluster's own parts, by name: what they may do is not a matter of the name."""


def unlimited(user: User) -> bool:
    """Tell whether nothing has to be looked up for this user: an administrator, or who speaks from within."""
    groups = user.groups
    return MASTERS in groups or GATEWAY in groups or COMPONENT in groups


def node_of(user: User) -> str | None:
    """The node that a user is, or None for somebody else."""
    if NODES in user.groups and user.name.startswith(NODE_PREFIX):
        return user.name[len(NODE_PREFIX) :]
    return None
