"""The server's authorizer: nodes first by what leads to them, then everybody by roles.

What no one allows is refused with every reason that was given. It must never look at nodes' rules for anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping

from podwright.apiserver.authorization.authorizer import Decision, Rules
from podwright.apiserver.authorization.identities import node_of, unlimited
from podwright.apiserver.authorization.nodes import Nodes
from podwright.apiserver.authorization.roles import Roles
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User

_NODES_ARE_NOT_LISTED = "node authorizer does not support user rule resolution"


class Deciding:
    """`Authorizer` of the server."""

    def __init__(self, roles: Roles, endpoints: Mapping[tuple[str, str, str], Endpoint]) -> None:
        self._roles = roles
        self._nodes = Nodes(endpoints)

    def decide(self, user: User, target: Target) -> Decision:
        """Tell whether a user may do this."""
        node = node_of(user)
        if node is None or unlimited(user):
            return self._roles.decide(user, target)
        own = self._nodes.decide(node, target)
        if own.allowed:
            return own
        by_role = self._roles.decide(user, target)
        if by_role.allowed or not own.reason:
            return by_role
        return Decision(allowed=False, reason="\n".join(filter(None, (own.reason, by_role.reason))))

    def rules(self, user: User, namespace: str) -> Rules:
        """List what a user may do in a namespace; a node may do more."""
        found = self._roles.rules(user, namespace)
        if node_of(user) is None or unlimited(user):
            return found
        return Rules(found.resources, found.paths, incomplete=True, error=_NODES_ARE_NOT_LISTED)
