"""Which nodes the pods of one template may go to, in packing order; brought up to date from the snapshot's journal.

A node is a candidate while the filters that read facts let it through and its account is not exhausted in a way that
concerns every pod of the template (no pod slot left, a host port taken, none of an extended resource left). What
depends on amounts is decided when a pod is placed. It is derived data: losing it costs time, never correctness.
"""

from __future__ import annotations

from collections.abc import Iterable

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.filters.table import STATIC, elsewhere
from podwright.scheduler.node_info import NodeFacts, NodeInfo
from podwright.scheduler.packing import Entry, Packing
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.question import Question
from podwright.scheduler.scores.most_allocated import cpu_share
from podwright.scheduler.scores.total import preference, tie, weigh
from podwright.scheduler.snapshot import Snapshot

_GroupKey = tuple[int, int]  # allocatable cpu, preference
_KEPT_OUT = -1


class Candidates:
    """The candidates for one `Constraints` object."""

    def __init__(self, pod: PodInfo, snapshot: Snapshot, seed: int) -> None:
        self._pod = pod  # stands for all pods of the template: only its constraints are read
        self._seed = seed
        self._groups: dict[_GroupKey, Packing] = {}
        self._places: dict[str, tuple[Packing, Entry]] = {}
        self._facts: dict[str, tuple[NodeFacts, int, int]] = {}  # facts, preference or _KEPT_OUT, tie
        self._version = -1
        self.catch_up(snapshot)

    def __len__(self) -> int:
        return len(self._facts)

    def catch_up(self, snapshot: Snapshot) -> None:
        """Take in every change since the last time."""
        if self._version == snapshot.version:
            return
        changed = snapshot.changed_since(self._version) if self._version >= 0 else None
        if changed is None:
            self._facts.clear()
            changed = {*_plausible(self._pod.constraints, snapshot), *self._places}
        elif len(changed) > 1:
            changed = set(changed)
        for name in changed:
            self._update(name, snapshot.nodes.get(name))
        self._version = snapshot.version

    def best(self, question: Question) -> str | None:
        """Return the node that ranks first among those where the pod fits."""
        pod = question.pod
        allows = (lambda node: not elsewhere(question, node)) if pod.claims else None
        best: tuple[int, int, int, str] | None = None
        for group in self._groups.values():
            entry = group.first_fit(pod, allows)
            if entry is None:
                continue
            rank = (-weigh(cpu_share(pod, entry[4]), group.preference), entry[1], entry[2], entry[3])
            if best is None or rank < best:
                best = rank
        return None if best is None else best[3]

    def _update(self, name: str, node: NodeInfo | None) -> None:
        place = self._places.pop(name, None)
        if place is not None:
            group, entry = place
            group.remove(entry)
            if not group:
                del self._groups[group.cpu, group.preference]
        if node is None:
            self._facts.pop(name, None)
            return
        soft, order = self._judge(node)
        if soft == _KEPT_OUT or self._exhausted(node):
            return
        key = (node.facts.cpu, soft)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Packing(*key)
        entry = group.entry(node, order)
        group.add(entry)
        self._places[name] = (group, entry)

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
