"""Which nodes the pods of one template may go to, in packing order; brought up to date from the snapshot's journal.

A node is a candidate while the filters that read facts let it through and its account is not exhausted in a way that
concerns every pod of the template (no pod slot left, a host port taken, none of an extended resource left). What
depends on amounts is decided when a pod is placed.

Where other pods matter, candidates with the same counts stand in one group, so that a rule is asked once a group and
not once a node: see `standing.py`. It is derived data: losing it costs time, never correctness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.domains import Domains
from podwright.scheduler.filters import volumes
from podwright.scheduler.filters.table import STATIC
from podwright.scheduler.node_info import NodeFacts, NodeInfo
from podwright.scheduler.packing import Entry, Packing
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.rules.rule import Counts
from podwright.scheduler.rules.ruleset import RuleSet
from podwright.scheduler.scores.most_allocated import cpu_share
from podwright.scheduler.scores.total import company, preference, tie, weigh
from podwright.scheduler.snapshot import Snapshot
from podwright.scheduler.standing import Standing, Standings
from podwright.scheduler.storage import NOTHING, Demand

_GroupKey = tuple[int, int, Standing]  # allocatable cpu, preference, standing with other pods
_Rank = tuple[int, int, int, str]
_KEPT_OUT = -1
_NONE: Final[frozenset[str]] = frozenset()


class Candidates:
    """The candidates for one `Constraints` object and one `RuleSet` (with its domains)."""

    def __init__(
        self, pod: PodInfo, snapshot: Snapshot, seed: int, rules: RuleSet | None = None, domains: Sequence[Domains] = ()
    ) -> None:
        self._pod = pod  # stands for all pods of the template: only its constraints are read
        self._seed = seed
        self.domains = domains
        self._rules = rules
        self._standings = Standings(domains, len(snapshot.nodes))
        self._groups: dict[_GroupKey, Packing] = {}
        self._places: dict[str, tuple[Packing, Entry, _GroupKey]] = {}
        self._facts: dict[str, tuple[NodeFacts, int, int]] = {}  # facts, preference or _KEPT_OUT, tie
        self._version = -1
        self.catch_up(snapshot)

    def __len__(self) -> int:
        """Return how much it remembers: the nodes, once more for each count."""
        return len(self._facts) * (1 + len(self.domains))

    def catch_up(self, snapshot: Snapshot) -> None:
        """Take in every change since the last time."""
        if self._version == snapshot.version and not self.domains:
            return
        changed = snapshot.changed_since(self._version) if self._version >= 0 else None
        moved = self._standings.moved(snapshot) if self.domains else _NONE
        if changed is None or moved is None:
            self._facts.clear()
            changed = {*_plausible(self._pod.constraints, snapshot), *self._places}
        elif moved or len(changed) > 1:
            changed = {*changed, *moved}
        for name in changed:
            self._update(name, snapshot.nodes.get(name))
        self._version = snapshot.version

    def best(self, pod: PodInfo, demand: Demand = NOTHING) -> str | None:
        """Return the node that ranks first among those where the pod fits."""
        rules = self._rules
        allows = (lambda node: not volumes.refuse(pod, node, demand)) if pod.claims else None
        if rules is not None:
            return self._best_among(pod, rules, allows)
        best: _Rank | None = None
        for group in self._groups.values():
            entry = group.first_fit(pod, allows)
            if entry is None:
                continue
            rank = (-weigh(cpu_share(pod, entry[4]), group.preference), entry[1], entry[2], entry[3])
            if best is None or rank < best:
                best = rank
        return None if best is None else best[3]

    def _best_among(self, pod: PodInfo, rules: RuleSet, allows: Callable[[NodeInfo], bool] | None) -> str | None:
        domains = self.domains
        found: list[tuple[Packing, Entry]] = []
        counts: list[Counts] = []
        for key, group in self._groups.items():
            have = self._standings.counts(key[2])
            if not rules.allow(have, domains):
                continue
            entry = group.first_fit(pod, allows)
            if entry is not None:
                found.append((group, entry))
                counts.append(have)
        best: _Rank | None = None
        for (group, entry), social in zip(found, company(rules.parts, counts, domains), strict=True):
            total = weigh(cpu_share(pod, entry[4]), group.preference) + social
            rank = (-total, entry[1], entry[2], entry[3])
            if best is None or rank < best:
                best = rank
        return None if best is None else best[3]

    def _update(self, name: str, node: NodeInfo | None) -> None:
        place = self._places.pop(name, None)
        if place is not None:
            group, entry, key = place
            group.remove(entry)
            if not group:
                del self._groups[key]
        if node is None:
            self._facts.pop(name, None)
            return
        soft, order = self._judge(node)
        if soft == _KEPT_OUT or self._exhausted(node):
            return
        key = (node.facts.cpu, soft, self._standings.of(node) if self.domains else ())
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Packing(key[0], key[1])
        entry = group.entry(node, order)
        group.add(entry)
        self._places[name] = (group, entry, key)

    def _judge(self, node: NodeInfo) -> tuple[int, int]:
        """Return (preference or _KEPT_OUT, tie), asking the filters only when the node's facts are new."""
        facts = node.facts
        known = self._facts.get(facts.name)
        if known is not None and known[0] is facts:
            return known[1], known[2]
        refused = any(refuse(self._pod, node) for refuse in STATIC)
        soft = _KEPT_OUT if refused else preference(self._pod.constraints, facts)
        order = 0 if refused else tie(self._seed, facts.name)
        self._facts[facts.name] = (facts, soft, order)
        return soft, order

    def _exhausted(self, node: NodeInfo) -> bool:
        if node.free_pods < 1:
            return True
        constraints = self._pod.constraints
        if constraints.ports and node.clash(constraints.ports) is not None:
            return True
        return bool(constraints.scalars) and any(node.free_scalar(name) < 1 for name in constraints.scalars)


def _plausible(constraints: Constraints, snapshot: Snapshot) -> Iterable[str]:
    """Return names of nodes among which all candidates are: few where the template pins its pods."""
    terms = constraints.required or ()
    pinned = [r.values for term in terms for r in term.fields if (r.key, r.operator) == ("metadata.name", "In")]
    if terms and len(pinned) == len(terms):
        return (name for names in pinned for name in names if name in snapshot.nodes)
    found = [snapshot.labelled(key, value) for key, value in constraints.selector]
    return min(found, key=len) if found else snapshot.nodes
