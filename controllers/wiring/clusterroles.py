"""What wakes the aggregation of ClusterRoles: an aggregated role, and any other that comes, changes or goes."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.controllers import clusterrole
from podwright.controllers.actions import Plan
from podwright.controllers.caches import Caches
from podwright.controllers.controller import Controller, Look, Trigger
from podwright.controllers.ownership import HasMeta


def controller(caches: Caches, workers: int) -> Controller:
    """Return the aggregation controller."""
    roles = caches.cluster_roles

    def decide(key: str, _look: Look) -> Plan:
        return clusterrole.reconcile(roles.get(key), roles.list())

    def aggregated(_old: HasMeta | None, _new: HasMeta | None) -> Iterator[str]:
        for role in roles.list():
            if clusterrole.aggregates(role):
                yield role.meta.key

    return Controller(name=clusterrole.MANAGER, triggers=(Trigger(roles, aggregated),), decide=decide, workers=workers)
