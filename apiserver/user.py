"""Who asks: the identity that authentication found and that authorization, admission and the access log read.

It must never carry a credential.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
SERVICE_ACCOUNTS = "system:serviceaccounts"
NODES = "system:nodes"
NODE_PREFIX = "system:node:"
INNER = "podwright:"
"""How the names of groups begin that stay in the process: no credential gives one, and nobody can act as one."""
GATEWAY = "podwright:node-gateway"
"""The node gateway, acting for a node it has authenticated."""
COMPONENT = "podwright:component"
"""A part of the control plane that runs in the server's own process."""


def outer(groups: Iterable[str]) -> tuple[str, ...]:
    """The groups that a credential may give: what stays in the process is left out."""
    return tuple(group for group in groups if not group.startswith(INNER))


@dataclass(frozen=True, slots=True)
class User:
    """An authenticated identity. `groups` includes system:authenticated (or system:unauthenticated)."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


ANONYMOUS = User("system:anonymous", groups=(UNAUTHENTICATED,))
"""A request without any credential."""

LOOPBACK = User("system:apiserver", groups=(MASTERS, AUTHENTICATED))
"""The server itself, for what it writes on its own."""
UNASKED = User("system:apiserver", groups=(MASTERS, AUTHENTICATED))
"""The server itself where nothing that clients configured may stand in its way: when it starts, and when it serves and
takes away what is defined. It is told by being this very object, which no credential gives."""
