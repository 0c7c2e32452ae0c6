"""Where a node stands with regard to other pods: a key such that nodes with the same key have the same counts.

A label with few nodes a value (the host name) gives the count itself: when it changes, its few nodes move to another
group. A label with many nodes a value (the zone) gives the value, and its count is looked up: nothing moves when
zones fill up. Either way a group's nodes agree in all counts, and there are few groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from podwright.scheduler.domains import Domains
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.rules.rule import Counts
from podwright.scheduler.snapshot import Snapshot

Standing = tuple[str | int | None, ...]


class Standings:
    """The standing of nodes by some domains. Which labels have few nodes a value is settled until there are many more
    or many fewer nodes.
    """

    FEW_NODES: Final = 32

    def __init__(self, domains: Sequence[Domains], nodes: int) -> None:
        self._domains = domains
        self._read = [-1] * len(domains)
        self._settle(nodes)

    def of(self, node: NodeInfo) -> Standing:
        """Return where a node stands."""
        return tuple(
            d.count_at(node) if fine else d.value_of(node) for d, fine in zip(self._domains, self._fine, strict=True)
        )

    def counts(self, standing: Standing) -> Counts:
        """Return the counts of the nodes that stand there."""
        return [
            part if part is None or isinstance(part, int) else d.counts.get(part, 0)
            for d, part in zip(self._domains, standing, strict=True)
        ]

    def moved(self, snapshot: Snapshot) -> set[str] | None:
        """Bring the domains up to date; return the nodes whose standing changed with them, None where unknown."""
        found: set[str] = set()
        unknown = not self._nodes // 4 <= len(snapshot.nodes) <= self._nodes * 4
        for index, domains in enumerate(self._domains):
            domains.catch_up()
            if domains.changes == self._read[index]:
                continue
            values = domains.changed_since(self._read[index]) if self._read[index] >= 0 else None
            self._read[index] = domains.changes
            if values is None:
                unknown = True
            elif self._fine[index]:
                for value in values if len(values) < 2 else set(values):
                    found |= snapshot.labelled(domains.key.label, value)
        if unknown:
            self._settle(len(snapshot.nodes))
            return None
        return found

    def _settle(self, nodes: int) -> None:
        self._nodes = nodes
        self._fine = [nodes <= self.FEW_NODES * max(1, len(d)) for d in self._domains]
