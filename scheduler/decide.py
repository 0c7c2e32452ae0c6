"""Where does this pod go? The scheduler's one decision, a plain function of the snapshot and a seed.

    place(pod) -> node name, or None: then `explain.py` says why

It keeps what it derived from the snapshot per template of pods, so that a decision does not look at every node; the
answer is always that of asking every filter about every node and taking the smallest `scores.total.rank` (the tests
prove it). It must never wait, do I/O or change the snapshot: the caller assumes the pod where it was placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary, WeakValueDictionary

from podwright.scheduler.candidates import Candidates
from podwright.scheduler.constraints import Constraints
from podwright.scheduler.domains import Domains, DomainsKey
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.question import Question
from podwright.scheduler.rules.book import RuleBook
from podwright.scheduler.rules.ruleset import RuleSet
from podwright.scheduler.snapshot import Snapshot
from podwright.scheduler.storage import demand


class Decider:
    """Decides over one snapshot. `seed` fixes the order among nodes that are equally good."""

    REMEMBERED_NODES: Final = 200_000  # over all templates; the one used longest ago is dropped first

    def __init__(self, snapshot: Snapshot, seed: int = 0) -> None:
        self._snapshot = snapshot
        self._seed = seed
        self._book = RuleBook(snapshot)
        self._candidates: dict[tuple[Constraints, RuleSet | None], Candidates] = {}  # least recently used first
        # Counts live as long as rules that read them do, and rules as long as a question or candidates have them.
        self._counted: WeakKeyDictionary[RuleSet, Sequence[Domains]] = WeakKeyDictionary()
        self._domains: WeakValueDictionary[DomainsKey, Domains] = WeakValueDictionary()

    def place(self, pod: PodInfo) -> str | None:
        """Return the best node that the pod fits on, or None."""
        if pod.company is None and not (pod.claims or pod.node or self._snapshot.companies):
            return self._candidates_for(pod).best(pod)  # by far most pods: nothing else matters to them
        question = self.question(pod)
        if question.demand.refusal:
            return None
        if pod.node:
            node = self._snapshot.nodes.get(pod.node)
            return pod.node if node is not None and not refusals(question, node) else None
        return self._candidates_for(pod, question.rules, question.domains).best(pod, question.demand)

    def question(self, pod: PodInfo) -> Question:
        """Return the pod with what of the rest of the cluster decides its place."""
        rules = self._book.rules_for(pod)
        if rules is None and not pod.claims:
            return Question(pod)
        asked = demand(pod, self._snapshot.storage, self._snapshot.claimants)
        return Question(pod, asked, rules, self._domains_of(rules) if rules is not None else ())

    def _domains_of(self, rules: RuleSet) -> Sequence[Domains]:
        found = self._counted.get(rules)
        if found is None:
            found = self._counted[rules] = tuple(self._domains_for(key) for key in rules.parts.keys)
        for domains in found:
            domains.catch_up()
        return found

    def _domains_for(self, key: DomainsKey) -> Domains:
        found = self._domains.get(key)
        if found is None:
            found = self._domains[key] = Domains(key, self._snapshot)
        return found

    def _candidates_for(
        self, pod: PodInfo, rules: RuleSet | None = None, domains: Sequence[Domains] = ()
    ) -> Candidates:
        key = (pod.constraints, rules)
        known = self._candidates.pop(key, None)
        if known is None:
            known = Candidates(pod, self._snapshot, self._seed, rules, domains)
            self._make_room(len(known))
        else:
            known.catch_up(self._snapshot)
        self._candidates[key] = known
        return known

    def _make_room(self, wanted: int) -> None:
        total = wanted + sum(map(len, self._candidates.values()))
        while self._candidates and total > self.REMEMBERED_NODES:
            oldest = next(iter(self._candidates))
            total -= len(self._candidates.pop(oldest))
