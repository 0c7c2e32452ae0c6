"""The roles and bindings that every cluster has, and how present ones are brought up to date.

What is missing is added and nothing taken away, so what an administrator added stays; an object whose annotation says
`false` is left alone. It must never change which role a binding gives.
"""

from __future__ import annotations

from typing import Any

from podwright.api.rbac.aggregation import aggregated_rules
from podwright.apiserver.authorization.covering import missing
from podwright.apiserver.authorization.policy import AUTO_UPDATE, default_objects
from podwright.apiserver.authorization.rules import role_of

JSON = dict[str, Any]


def wanted() -> list[tuple[str, str, JSON]]:
    """Plural, namespace and object of each, aggregated roles filled in: they count from the first moment."""
    found = list(default_objects())
    roles = {obj["metadata"]["name"]: obj for plural, _, obj in found if plural == "clusterroles"}
    for name in ("view", "edit", "admin"):  # each is made of the one before it
        roles[name]["rules"] = aggregated_rules(roles[name], roles.values())
    return found


def updated(present: JSON, default: JSON) -> JSON | None:
    """A present object with what it lacks of the default, or None when it lacks nothing or is not to be changed."""
    metadata: JSON = present["metadata"]
    if (metadata.get("annotations") or {}).get(AUTO_UPDATE) == "false":
        return None
    more: JSON = {}
    merged: JSON = dict(metadata)
    for name in ("labels", "annotations"):
        merged[name] = {**default["metadata"][name], **(metadata.get(name) or {})}
        if merged[name] != metadata.get(name):
            more["metadata"] = merged
    if "roleRef" in default:
        if present.get("roleRef") != default["roleRef"]:
            return None
        more |= _longer(
            present, "subjects", [s for s in default.get("subjects") or () if s not in _of(present, "subjects")]
        )
    elif default.get("aggregationRule"):
        if present.get("aggregationRule") != default["aggregationRule"]:
            more["aggregationRule"] = default["aggregationRule"]
    else:
        held = role_of(_of(present, "rules")).listed
        more |= _longer(present, "rules", [rule for rule in default["rules"] if missing(held, [rule])])
    return {**present, **more} if more else None


def _of(obj: JSON, name: str) -> list[JSON]:
    return obj.get(name) or []


def _longer(present: JSON, name: str, added: list[JSON]) -> JSON:
    return {name: [*_of(present, name), *added]} if added else {}
