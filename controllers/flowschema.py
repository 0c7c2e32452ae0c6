"""Tells of every flow schema whether its priority level exists.

It reports that and nothing more: requests are sorted by the API server, which passes over schemas without a level.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from podwright.controllers import conditions
from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.meta import Whole
from podwright.controllers.resources import FLOW_SCHEMAS

JSON = dict[str, Any]
_DANGLING: Final = "Dangling"
_MANAGER: Final = "api-priority-and-fairness-config-consumer-v1"  # who says this, as clients know it


def level_of(schema: Whole) -> str:
    """The name of the priority level a schema refers to."""
    return (schema.spec.get("priorityLevelConfiguration") or {}).get("name") or ""


def reconcile(schema: Whole | None, now: datetime, *, exists: bool) -> Plan:
    """Return the write of the Dangling condition, if it is not as it should be."""
    if schema is None or schema.meta.deleted is not None:
        return NOTHING
    end = "and it exists" if exists else "but there is no such object"
    message = f'This FlowSchema references the PriorityLevelConfiguration object named "{level_of(schema)}" {end}'
    wanted: JSON = {"type": _DANGLING, "status": "False" if exists else "True", "message": message}
    wanted["reason"] = "Found" if exists else "NotFound"
    present: list[JSON] = schema.status.get("conditions") or []
    listed = conditions.put(present, wanted, now)
    if listed == present:
        return NOTHING
    changed = conditions.find(listed, _DANGLING)
    name, row = schema.meta.name, FLOW_SCHEMAS
    body: JSON = {"apiVersion": row.api_version, "kind": row.kind, "metadata": {"name": name, "uid": schema.meta.uid}}
    body["status"] = {"conditions": [changed]}
    return Plan((Patch(row, "", name, body, form="apply", subresource="status", manager=_MANAGER),))
