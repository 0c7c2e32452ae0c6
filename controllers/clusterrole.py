"""Fills aggregated ClusterRoles: their rules are those of the roles that their selectors choose.

It owns the rules of such a role and nothing else of it; a role without an aggregationRule is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from podwright.api.rbac.aggregation import aggregated_rules
from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.meta import Whole
from podwright.controllers.resources import CLUSTER_ROLES

MANAGER: Final = "clusterrole-aggregation-controller"


def aggregates(role: Whole) -> bool:
    """Tell whether a role is made of others."""
    return bool(role.body.get("aggregationRule"))


def reconcile(role: Whole | None, roles: Iterable[Whole]) -> Plan:
    """Return the write of a role's rules, if they are not what they should be."""
    if role is None or role.meta.deleted is not None or not aggregates(role):
        return NOTHING
    rules = aggregated_rules(role.body, (other.body for other in roles))
    if rules == (role.body.get("rules") or []):
        return NOTHING
    body = {
        "apiVersion": CLUSTER_ROLES.api_version,
        "kind": CLUSTER_ROLES.kind,
        "metadata": {"name": role.meta.name, "uid": role.meta.uid},
        "rules": rules,
    }
    return Plan((Patch(CLUSTER_ROLES, "", role.meta.name, body, form="apply", manager=MANAGER),))
