"""The rules of PriorityClasses: names and values that users may not take, and what is fixed once made."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, set_generation

HIGHEST_USER_PRIORITY: Final = 1_000_000_000
SYSTEM_CLASSES: Final = {
    "system-node-critical": (2_000_001_000, "For pods that their node cannot work without."),
    "system-cluster-critical": (2_000_000_000, "For pods that the cluster cannot work without, on whichever node."),
}
"""Classes the server brings itself: value and description."""

_POLICIES = ("PreemptLowerPriority", "Never")


class PriorityClassStrategy(Strategy):
    """Cluster-wide priorities; value and policy are fixed."""

    def default(self, obj: JSON) -> None:
        """Fill in that higher pods displace lower ones."""
        obj.setdefault("value", 0)
        if not obj.get("preemptionPolicy"):
            obj["preemptionPolicy"] = "PreemptLowerPriority"

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1."""
        set_generation(obj, 1)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new class."""
        errors: Errors = []
        name, value = obj["metadata"].get("name") or "", obj.get("value") or 0
        if name.startswith("system-"):
            problem = _reserved(obj, name, value)
            if problem:
                text = "priority class names with 'system-' prefix are reserved for system use only. error: "
                errors.append(field_errors.forbidden("metadata.name", text + problem))
        elif value > HIGHEST_USER_PRIORITY:
            detail = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
            errors.append(field_errors.forbidden("value", detail))
        formats.one_of(errors, "preemptionPolicy", obj.get("preemptionPolicy"), _POLICIES)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change."""
        errors = meta.repeated_on_update(obj, old, namespaced=False, name_rule=names.dns1123_subdomain)
        if (obj.get("value") or 0) != (old.get("value") or 0):
            errors.append(field_errors.forbidden("value", "may not be changed in an update."))
        if obj.get("preemptionPolicy") != old.get("preemptionPolicy"):
            policy = obj.get("preemptionPolicy")
            errors.append(field_errors.invalid("preemptionPolicy", policy, "field is immutable"))
        return errors


def _reserved(obj: JSON, name: str, value: int) -> str:
    """Say why a name of the system's may not be used; "" when the class is the system's own."""
    known = SYSTEM_CLASSES.get(name)
    if known is None:
        return f"{name} is not a known system priority class"
    if value != known[0]:
        return f"value of {name} PriorityClass must be {known[0]}"
    if obj.get("globalDefault"):
        return f"globalDefault of {name} PriorityClass must be false"
    return ""
