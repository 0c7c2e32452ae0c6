"""Whom would a pod displace? The fewest and least important pods of one node, so that it would fit there.

    search(pod, ...) -> Attempt: a node with its victims, or why each node cannot be helped

Pods are taken off for the sake of argument, and put back before anybody else looks. Room that is held for pods of
lower priority is given up like theirs. It must never evict anyone: that is for `evictions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from podwright.api.labels import Selector
from podwright.scheduler.decide import Decider
from podwright.scheduler.filters.refusal import Refusals
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.snapshot import Snapshot

CANDIDATES: Final = 100  # as many are compared; looking at all nodes of a large cluster would take too long
_NEGATIVE: Final = 1 << 31  # priorities are shifted by this, so that each further victim counts


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """A PodDisruptionBudget: how many more of its pods may go, apart from those that are `granted` already."""

    namespace: str
    selector: Selector
    allowed: int
    granted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node where the pod would fit without `victims` and without the rooms held for `dropped`."""

    node: str
    victims: tuple[PodInfo, ...]  # the most important first
    dropped: tuple[PodInfo, ...]
    violations: int  # victims that a budget would keep

    def cost(self) -> tuple[int, int, int, int]:
        """Return what makes it worse than another: in this order."""
        highest = self.victims[0].priority + _NEGATIVE if self.victims else -1
        total = sum(pod.priority + _NEGATIVE for pod in self.victims)
        return self.violations, highest, total, len(self.victims)

    def since(self) -> str:
        """Return since when the first of its most important victims runs: the later, the less is lost."""
        return min((pod.started for pod in self.victims if pod.priority == self.victims[0].priority), default="")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it: the best candidate, or for nodes that were tried why not even that would do."""

    best: Candidate | None = None
    failures: Mapping[str, Refusals] = field(default_factory=dict[str, Refusals])


def search(
    pod: PodInfo,
    snapshot: Snapshot,
    decider: Decider,
    answers: Mapping[str, Refusals],
    budgets: Iterable[BudgetFacts],
    leaving: Callable[[PodInfo], bool],
) -> Attempt:
    """Look for victims among pods of lower priority, on nodes whose refusals could be cured that way.

    Pods that are `leaving` go anyway: they are no victims, but there is nothing to be had from putting them back.
    """
    guards = tuple(budgets)
    found: list[Candidate] = []
    failures: dict[str, Refusals] = {}
    for name, against in answers.items():
        node = snapshot.nodes[name]
        if not all(r.curable for r in against) or not any(p.priority < pod.priority for p in node.pods.values()):
            continue
        trial = _Trial(pod, node, snapshot, decider)
        outcome = trial.run(guards, leaving)
        if isinstance(outcome, Candidate):
            found.append(outcome)
            if len(found) >= CANDIDATES:
                break
        else:
            failures[name] = outcome
    return Attempt(_best(found), failures)


def _best(candidates: Sequence[Candidate]) -> Candidate | None:
    if not candidates:
        return None
    least = min(candidate.cost() for candidate in candidates)
    equal = [candidate for candidate in candidates if candidate.cost() == least]
    return max(equal, key=lambda candidate: candidate.since())


class _Trial:
    """One node without its lower pods, then with as many of them as the pod can live with."""

    def __init__(self, pod: PodInfo, node: NodeInfo, snapshot: Snapshot, decider: Decider) -> None:
        self._pod = pod
        self._node = node
        self._snapshot = snapshot
        self._decider = decider
        self._lifted: list[PodInfo] = []

    def run(self, budgets: Sequence[BudgetFacts], leaving: Callable[[PodInfo], bool]) -> Candidate | Refusals:
        """Return the candidate, or what is in the way without any lower pod."""
        lower = [pod for pod in self._node.pods.values() if pod.priority < self._pod.priority]
        lower.sort(key=lambda pod: (-pod.priority, pod.started, pod.key))
        try:
            for pod in lower:
                self._lift(pod)
            against = self._against()
            if against:
                return against
            held = [pod for pod in lower if self._snapshot.is_held(pod.key)]
            there = [pod for pod in lower if pod not in held and not leaving(pod)]
            guarded = _guarded(there, budgets)
            free = [pod for pod in there if pod not in guarded]
            lost = self._reprieve(guarded)
            violations = len(lost)
            lost += self._reprieve(free)
            lost.sort(key=lambda pod: (-pod.priority, pod.started, pod.key))
            return Candidate(self._node.facts.name, tuple(lost), tuple(self._reprieve(held)), violations)
        finally:
            for pod in reversed(self._lifted):
                self._snapshot.put_back(pod, self._node)

    def _reprieve(self, pods: Sequence[PodInfo]) -> list[PodInfo]:
        lost: list[PodInfo] = []
        for pod in pods:
            self._lifted.remove(pod)
            self._snapshot.put_back(pod, self._node)
            if self._against():
                self._lift(pod)
                lost.append(pod)
        return lost

    def _lift(self, pod: PodInfo) -> None:
        self._snapshot.lift(pod, self._node)
        self._lifted.append(pod)

    def _against(self) -> Refusals:
        return refusals(self._decider.question(self._pod), self._node)


def _guarded(pods: Sequence[PodInfo], budgets: Sequence[BudgetFacts]) -> list[PodInfo]:
    """Return the pods that a budget would keep if all of them went, in order."""
    left = [budget.allowed for budget in budgets]
    found: list[PodInfo] = []
    for pod in pods:
        over = False
        for index, budget in enumerate(budgets):
            if budget.namespace != pod.namespace or pod.name in budget.granted:
                continue
            if budget.selector.matches(pod.identity.labels):
                left[index] -= 1
                over = over or left[index] < 0
        if over:
            found.append(pod)
    return found
