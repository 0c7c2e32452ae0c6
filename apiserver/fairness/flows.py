"""Which flow a request belongs to: asked of the flow schemas once, then remembered by who asks for what.

A flow is a schema and what it tells flows apart by. It must never keep more than a set number of anything: users come
and go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podwright.apiserver.fairness.levels import Plan, SchemaSpec
from podwright.apiserver.fairness.queues import Level
from podwright.apiserver.fairness.shuffling import hand_of
from podwright.apiserver.fairness.tally import Tally
from podwright.apiserver.fairness.turns import Lane, Share
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User

_REMEMBERED: Final = 4096
_LANES: Final = 4096
_EXEMPT_WEIGHT: Final = 250


@dataclass(slots=True)
class Flow:
    """Where a request goes. `head` are the header lines that tell the client so."""

    schema: str
    name: str
    """What makes the flow within its schema."""
    level: Level
    lane: Lane
    head: bytes
    hand: tuple[int, ...]
    tally: Tally


class Flows:
    """All flows of a server."""

    def __init__(self) -> None:
        self._schemas: tuple[SchemaSpec, ...] = ()
        self._levels: dict[str, Level] = {}
        self._shares: dict[str, Share] = {}
        self._flows: dict[tuple[object, ...], Flow] = {}
        self._lanes: dict[tuple[str, str], Lane] = {}
        self.tallies: dict[tuple[str, str], Tally] = {}
        """What was counted, by level and schema."""

    def configure(self, plan: Plan, levels: dict[str, Level]) -> None:
        """Take new schemas and levels: everything is asked anew."""
        self._schemas, self._levels = plan.schemas, levels
        self._flows.clear()
        for name, level in plan.levels.items():
            weight = _EXEMPT_WEIGHT if level.exempt else level.shares
            share = self._shares.get(name)
            if share is None:
                self._shares[name] = Share(weight)
            else:
                share.weigh(weight)
        for name in self._shares.keys() - plan.levels.keys():
            del self._shares[name]
        self._lanes.clear()

    def of(self, user: User, target: Target) -> Flow:
        """The flow of a request."""
        if target.resource:
            key = (
                user.name,
                user.groups,
                target.verb,
                target.plural,
                target.namespace,
                target.subresource,
                target.group,
            )
        else:
            key = (user.name, user.groups, target.verb, target.path)
        flow = self._flows.get(key)
        if flow is None:
            flow = self._find(user, target)
            if len(self._flows) >= _REMEMBERED:
                self._flows.clear()
            self._flows[key] = flow
        return flow

    def _find(self, user: User, target: Target) -> Flow:
        schema = next((schema for schema in self._schemas if schema.rules(user, target)), self._schemas[-1])
        name = {"ByUser": user.name, "ByNamespace": target.namespace}.get(schema.flows, "")
        spec = schema.level
        head = f"x-kubernetes-pf-flowschema-uid: {schema.uid}\r\nx-kubernetes-pf-prioritylevel-uid: {spec.uid}\r\n"
        hand = hand_of(schema.name, name, spec.queues, spec.hand) if spec.queues else ()
        # The processor is shared by users also where a schema does not tell them apart.
        lane = self._lane(schema, name or user.name)
        tally = self.tallies.setdefault((spec.name, schema.name), Tally())
        return Flow(schema.name, name, self._levels[spec.name], lane, head.encode(), hand, tally)

    def _lane(self, schema: SchemaSpec, name: str) -> Lane:
        key = (schema.name, name)
        lane = self._lanes.get(key)
        if lane is None:
            if len(self._lanes) >= _LANES:
                self._lanes.clear()  # whoever is under way keeps his own; who comes anew begins anew
                self._flows.clear()
            lane = self._lanes[key] = Lane(self._shares[schema.level.name])
        return lane
