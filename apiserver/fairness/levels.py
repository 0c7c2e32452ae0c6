"""Flow schemas and priority levels as this server works with them: checked objects turned into small values.

What the objects lack is filled in from the mandatory ones, so that every request finds a level whatever was deleted. It
must never look at a request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from podwright.apiserver.fairness.matching import Rules, rules_of
from podwright.apiserver.strategies.flowcontrol.mandatory import MANDATORY_LEVELS, MANDATORY_SCHEMAS

JSON = dict[str, Any]
_WITHOUT_LIMIT: Final = -1


@dataclass(frozen=True, slots=True)
class LevelSpec:
    """A priority level. `borrowing` is -1 for without limit; `queues` is 0 for a level that refuses at once."""

    name: str
    uid: str = ""
    exempt: bool = False
    shares: int = 0
    lendable: int = 0
    """Percent of its seats that others may use while it does not."""
    borrowing: int = _WITHOUT_LIMIT
    """Percent of its own seats that it may use beyond them."""
    queues: int = 0
    hand: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class SchemaSpec:
    """A flow schema whose level exists."""

    name: str
    uid: str
    level: LevelSpec
    flows: str
    """ByUser, ByNamespace, or nothing: one flow."""
    rules: Rules


@dataclass(frozen=True, slots=True)
class Plan:
    """All levels by name, and the schemas in the order in which they are asked."""

    levels: dict[str, LevelSpec]
    schemas: tuple[SchemaSpec, ...]


def plan_of(levels: Iterable[JSON], schemas: Iterable[JSON]) -> Plan:
    """Make a plan of stored objects. A schema without a level is left out: others may match its requests."""
    named = {obj["metadata"]["name"]: _level(obj) for obj in levels}
    for name, spec in MANDATORY_LEVELS.items():
        named.setdefault(name, _level({"metadata": {"name": name}, "spec": spec}))
    stored = {obj["metadata"]["name"]: obj for obj in schemas}
    for name, spec in MANDATORY_SCHEMAS.items():
        stored.setdefault(name, {"metadata": {"name": name}, "spec": spec})
    ordered = sorted(stored.values(), key=lambda obj: (obj["spec"]["matchingPrecedence"], obj["metadata"]["name"]))
    found = [_schema(obj, named) for obj in ordered]
    return Plan(named, tuple([schema for schema in found if schema is not None]))


def _level(obj: JSON) -> LevelSpec:
    meta, spec = obj["metadata"], obj["spec"]
    exempt = spec["type"] == "Exempt"
    part: JSON = spec.get("exempt" if exempt else "limited") or {}
    queuing: JSON = (part.get("limitResponse") or {}).get("queuing") or {}
    borrowing = part.get("borrowingLimitPercent")
    return LevelSpec(
        name=meta["name"],
        uid=meta.get("uid", ""),
        exempt=exempt,
        shares=part.get("nominalConcurrencyShares") or 0,
        lendable=part.get("lendablePercent") or 0,
        borrowing=_WITHOUT_LIMIT if borrowing is None else borrowing,
        queues=queuing.get("queues", 0),
        hand=queuing.get("handSize", 0),
        length=queuing.get("queueLengthLimit", 0),
    )


def _schema(obj: JSON, levels: dict[str, LevelSpec]) -> SchemaSpec | None:
    meta, spec = obj["metadata"], obj["spec"]
    level = levels.get(spec["priorityLevelConfiguration"]["name"])
    if level is None:
        return None
    method: JSON = spec.get("distinguisherMethod") or {}
    return SchemaSpec(meta["name"], meta.get("uid", ""), level, method.get("type", ""), rules_of(spec))
