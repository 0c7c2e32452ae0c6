"""What is counted over nodes, and which nodes count: values, so that equal questions share their answer.

A count is of one node alone and of the pods on it; adding up is the business of `Domains`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from podwright.scheduler.company import Company, Namespaces, PodTerm, Selection
from podwright.scheduler.constraints import Constraints
from podwright.scheduler.filters import node_selector, taints
from podwright.scheduler.identity import Identity
from podwright.scheduler.node_info import NodeFacts, NodeInfo
from podwright.scheduler.pod_info import PodInfo


class Counted(Protocol):
    """Pods that are counted. Hashable by value."""

    @property
    def by_namespace(self) -> bool:
        """Whether the labels of namespaces matter."""
        ...

    def counter(self, namespaces: Namespaces) -> Counter:
        """Return what counts while the namespaces are these."""
        ...


class Counter(Protocol):
    """Counts one node at a time and may remember what it saw of pods alike."""

    def on(self, node: NodeInfo) -> int:
        """Return how many such pods are on a node."""
        ...

    def is_one(self, pod: PodInfo) -> bool:
        """Tell whether a pod is counted."""
        ...


@dataclass(frozen=True, slots=True)
class Selected:
    """Pods that all of the selections match. Those on their way out count unless `staying`."""

    selections: tuple[Selection, ...]
    staying: bool = False

    @property
    def by_namespace(self) -> bool:
        """Whether the labels of namespaces matter."""
        return any(selection.by_namespace for selection in self.selections)

    def matches(self, identity: Identity, namespaces: Namespaces) -> bool:
        """Tell whether such a pod is counted."""
        if self.staying and identity.leaving:
            return False
        return all(selection.matches(identity, namespaces) for selection in self.selections)

    def counter(self, namespaces: Namespaces) -> Counter:
        """Return what counts while the namespaces are these."""
        return _SelectedCounter(self, namespaces)

    def __str__(self) -> str:
        return " and ".join(map(str, self.selections))


@dataclass(frozen=True, slots=True)
class Asking:
    """Pods that ask for one term themselves, in one part of their `Company`: anti, affinity or preferred."""

    part: str
    term: PodTerm

    @property
    def by_namespace(self) -> bool:
        """Whether the labels of namespaces matter: not for who asks."""
        return False

    def times(self, company: Company) -> int:
        """Return how often the term is among theirs."""
        terms: tuple[PodTerm, ...] = getattr(company, self.part)
        return terms.count(self.term)

    def counter(self, namespaces: Namespaces) -> Counter:
        """Return what counts."""
        del namespaces
        return _AskingCounter(self)

    def __str__(self) -> str:
        return str(self.term)


@dataclass(slots=True, eq=False)
class _SelectedCounter:
    what: Selected
    namespaces: Namespaces
    known: dict[Identity, bool] = field(default_factory=dict[Identity, bool])

    def on(self, node: NodeInfo) -> int:
        total = 0
        known = self.known
        for identity, count in node.identities.items():
            one = known.get(identity)
            if one is None:
                one = self._learn(identity)
            if one:
                total += count
        return total

    def is_one(self, pod: PodInfo) -> bool:
        return self.what.matches(pod.identity, self.namespaces)

    def _learn(self, identity: Identity) -> bool:
        if len(self.known) > _REMEMBERED:
            self.known.clear()
        one = self.known[identity] = self.what.matches(identity, self.namespaces)
        return one


@dataclass(slots=True, eq=False)
class _AskingCounter:
    what: Asking
    known: dict[Company, int] = field(default_factory=dict[Company, int])

    def on(self, node: NodeInfo) -> int:
        total = 0
        for company, count in node.companies.items():
            times = self.known.get(company)
            if times is None:
                if len(self.known) > _REMEMBERED:
                    self.known.clear()
                times = self.known[company] = self.what.times(company)
            total += times * count
        return total

    def is_one(self, pod: PodInfo) -> bool:
        return pod.company is not None and self.what.times(pod.company) > 0


@dataclass(frozen=True, slots=True)
class Eligible:
    """Which nodes count where pods are spread: those with all the labels, and as the constraint's policies say."""

    keys: tuple[str, ...]
    selected_by: Constraints | None = None  # node selector and affinity count
    tolerated_by: Constraints | None = None  # taints count

    def admits(self, facts: NodeFacts) -> bool:
        """Tell whether a node counts."""
        if not all(key in facts.labels for key in self.keys):
            return False
        if self.selected_by is not None and not node_selector.suits(self.selected_by, facts):
            return False
        return self.tolerated_by is None or not taints.untolerated(self.tolerated_by, facts)


_REMEMBERED = 65_536
