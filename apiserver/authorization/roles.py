"""The server's authorizer: what roles say, for everybody but those who may do anything.

Administrators, the node gateway and the cluster's own parts pass without a look at any role, so that no role that
somebody writes can lock them out. It must never ask anything but the index of grants on the way of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podwright.apiserver.authorization.authorizer import ALLOWED, NO_OPINION, Decision, PathRule, ResourceRule, Rules
from podwright.apiserver.authorization.grants import Grants
from podwright.apiserver.authorization.identities import unlimited
from podwright.apiserver.authorization.rules import ALL
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User

_EVERYTHING: Final = (ResourceRule((ALL,), (ALL,), (ALL,)), PathRule((ALL,), (ALL,)))


class Roles:
    """`Authorizer` by roles and bindings."""

    def __init__(self, endpoints: Mapping[tuple[str, str, str], Endpoint]) -> None:
        self.grants = Grants(endpoints)

    def decide(self, user: User, target: Target) -> Decision:
        """Tell whether a user may do this."""
        if unlimited(user):
            return ALLOWED
        missing: dict[str, None] = {}
        for grant, role in self.grants.of(user, target.namespace):
            if role is None:
                missing[grant.missing] = None
            elif role.allows(target):
                return Decision(allowed=True, reason=grant.reason)
        return Decision(allowed=False, reason=_complaint(tuple(missing))) if missing else NO_OPINION

    def rules(self, user: User, namespace: str) -> Rules:
        """List what a user may do in a namespace."""
        found: dict[ResourceRule | PathRule, None] = dict.fromkeys(_EVERYTHING if unlimited(user) else ())
        for _, role in self.grants.of(user, namespace):
            found |= dict.fromkeys(role.listed if role is not None else ())
        resources = tuple(rule for rule in found if isinstance(rule, ResourceRule))
        return Rules(resources, tuple(rule for rule in found if isinstance(rule, PathRule)))


def _complaint(missing: tuple[str, ...]) -> str:
    return f"RBAC: {missing[0]}" if len(missing) == 1 else f"RBAC: [{', '.join(missing)}]"
