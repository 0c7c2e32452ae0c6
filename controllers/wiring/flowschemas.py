"""What wakes the flow schema controller: schemas, and priority levels that come or go."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.controllers import flowschema
from podwright.controllers.actions import Plan
from podwright.controllers.caches import Caches
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.ownership import HasMeta
from podwright.controllers.resources import PRIORITY_LEVELS


def controller(caches: Caches, workers: int) -> Controller:
    """Return the flow schema controller."""
    levels = caches.all[PRIORITY_LEVELS.qualified]

    def decide(key: str, look: Look) -> Plan:
        schema = caches.flow_schemas.get(key)
        exists = schema is not None and levels.get(flowschema.level_of(schema)) is not None
        return flowschema.reconcile(schema, look.now, exists=exists)

    def by_level(old: HasMeta | None, new: HasMeta | None) -> Iterator[str]:
        changed = new or old
        if changed is None or (old and new):
            return
        for schema in caches.flow_schemas.list():
            if flowschema.level_of(schema) == changed.meta.name:
                yield schema.meta.key

    return Controller(
        name="flow-schema-controller",
        triggers=(Trigger(caches.flow_schemas, own_key), Trigger(levels, by_level)),
        decide=decide,
        workers=workers,
    )
