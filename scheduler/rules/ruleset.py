"""All that a pod's place has to do with other pods, as a value: equal for pods that get the same answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podwright.scheduler.domains import Domains, DomainsKey
from podwright.scheduler.filters.refusal import Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.rules.rule import Counts, Rule


@dataclass(frozen=True, slots=True)
class Parts:
    """What rules and scores read (`keys`), what must hold in the order it is asked, and what is preferred.

    `near` has weights of the pods at a position; `even` the allowed skews of what should be spread.
    """

    keys: tuple[DomainsKey, ...]
    hard: tuple[Rule, ...]
    near: tuple[tuple[int, int], ...]
    even: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RuleSet:
    """The rules. Compare by identity: while one is in use there is no second one with the same parts."""

    parts: Parts

    def allow(self, counts: Counts, domains: Sequence[Domains]) -> bool:
        """Tell whether everything that must hold does."""
        return all(rule.allows(counts, domains) for rule in self.parts.hard)

    def refuse(self, node: NodeInfo, domains: Sequence[Domains]) -> Refusals:
        """Return what the first rule has against a node, () if none has."""
        counts = [d.count_at(node) for d in domains]
        for rule in self.parts.hard:
            if not rule.allows(counts, domains):
                return rule.refuse(node, domains)
        return ()
