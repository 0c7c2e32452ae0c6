"""Nobody gives others more than he has: checks of who writes roles and bindings.

A rule of a role must be covered by what the writer holds himself, unless he may `escalate` that role; a binding's role
likewise, unless he may `bind` it. A role made of others can gather anything, so its writer needs everything. It must
never look at what was written before: what is stored may have been written by somebody who holds more.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.errors import ApiError, forbidden, not_found
from podwright.api.resources import Resource
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.authorization.covering import EVERYTHING, described, missing
from podwright.apiserver.authorization.grants import GROUP
from podwright.apiserver.authorization.identities import unlimited
from podwright.apiserver.authorization.roles import Roles
from podwright.apiserver.authorization.subjects import quoted
from podwright.apiserver.routes import Target
from podwright.apiserver.strategy import WriteContext

JSON = dict[str, Any]
_ROLES: Final = ("roles", "clusterroles")
_BINDINGS: Final = ("rolebindings", "clusterrolebindings")


class Granting(BasePlugin):
    """See the module."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Writes of roles and bindings."""
        return resource.group == GROUP and verb in {"create", "update"} and resource.plural in (*_ROLES, *_BINDINGS)

    def admit(self, attributes: Attributes) -> None:
        """Refuse what gives more than the writer has. Raises ApiError 403, 404."""
        obj, ctx = attributes.obj, attributes.ctx
        if obj is None or unlimited(ctx.user) or _only_owners_changed(obj, attributes.old):
            return
        if ctx.resource.plural in _ROLES:
            self._check_role(attributes, obj)
        else:
            self._check_binding(attributes, obj)

    def _check_role(self, attributes: Attributes, obj: JSON) -> None:
        ctx, old = attributes.ctx, attributes.old or {}
        if self._may(ctx, "escalate", ctx.resource.plural, attributes.name if attributes.old else ""):
            return
        self._check_rules(attributes, obj.get("rules") or [])
        if (obj.get("aggregationRule") or old.get("aggregationRule")) and self._missing(ctx, EVERYTHING):
            raise _refused(attributes, "must have cluster-admin privileges to use the aggregationRule")

    def _check_binding(self, attributes: Attributes, obj: JSON) -> None:
        ctx, reference = attributes.ctx, obj.get("roleRef") or {}
        name = reference.get("name") or ""
        plural = "roles" if reference.get("kind") == "Role" else "clusterroles"
        if self._may(ctx, "bind", plural, name):
            return
        role = self._roles.grants.role((ctx.namespace if plural == "roles" else "", name))
        if role is None:
            raise not_found(ctx.resource.qualified, name)
        self._check_rules(attributes, role.written)

    def _check_rules(self, attributes: Attributes, rules: Any) -> None:
        ctx = attributes.ctx
        lines = described(self._missing(ctx, rules))
        if lines:
            groups = " ".join(map(quoted, ctx.user.groups))
            who = f"user {quoted(ctx.user.name)} (groups=[{groups}])"
            why = f"{who} is attempting to grant RBAC permissions not currently held:"
            raise _refused(attributes, "\n".join((why, *lines)))

    def _missing(self, ctx: WriteContext, rules: Any) -> Any:
        held = self._roles.rules(ctx.user, ctx.namespace)
        return missing((*held.resources, *held.paths), rules)

    def _may(self, ctx: WriteContext, verb: str, plural: str, name: str) -> bool:
        target = Target(
            "", "", verb, resource=True, group=GROUP, version="v1", namespace=ctx.namespace, plural=plural, name=name
        )
        return self._roles.decide(ctx.user, target).allowed


def _refused(attributes: Attributes, why: str) -> ApiError:
    return forbidden(attributes.ctx.resource.qualified, attributes.name, why)


def _only_owners_changed(obj: JSON, old: JSON | None) -> bool:
    """Whether a write touches nothing but finalizers and owner references, as the garbage collector's do."""
    return old is not None and _without_owners(obj) == _without_owners(old)


def _without_owners(obj: JSON) -> JSON:
    skipped = ("finalizers", "ownerReferences", "managedFields")
    return {**obj, "metadata": {name: value for name, value in obj["metadata"].items() if name not in skipped}}
