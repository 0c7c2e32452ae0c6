"""Which rules does a pod's place keep to? Its own, and those of the pods that are there already.

Rules come from the pod's identity and company, from whose company is on nodes, and from the labels of namespaces;
they are worked out again only when one of these changes. It must never look at counts.
"""

from __future__ import annotations

from typing import Final
from weakref import WeakValueDictionary, ref

from podwright.scheduler.company import Company, PodTerm, Spread
from podwright.scheduler.constraints import Constraints
from podwright.scheduler.counting import Asking, Eligible, Selected
from podwright.scheduler.domains import DomainsKey
from podwright.scheduler.identity import Identity
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.rules.pod_affinity import Apart, Together
from podwright.scheduler.rules.rule import Rule
from podwright.scheduler.rules.ruleset import Parts, RuleSet
from podwright.scheduler.rules.topology_spread import Even
from podwright.scheduler.snapshot import Snapshot

HARD_AFFINITY_WEIGHT: Final = 1  # how welcome a pod is to one there that must be near its like
_REMEMBERED: Final = 4096

_Key = tuple[Identity, Company | None, Constraints | None]


class RuleBook:
    """The rules over one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._known: dict[_Key, ref[RuleSet] | None] = {}  # whoever uses rules keeps them
        self._versions = (0, 0)
        self._sets: WeakValueDictionary[Parts, RuleSet] = WeakValueDictionary()

    def rules_for(self, pod: PodInfo) -> RuleSet | None:
        """Return the rules of a pod, None where it has nothing to do with others."""
        snapshot, company = self._snapshot, pod.company
        if company is None and not snapshot.companies:
            return None
        versions = (snapshot.companies_version, snapshot.namespaces_version)
        if versions != self._versions or len(self._known) > _REMEMBERED:
            self._known.clear()
            self._versions = versions
        key = (pod.identity, company, pod.constraints if company is not None and company.spread else None)
        if key in self._known:
            known = self._known[key]
            rules = known() if known is not None else None
            if known is None or rules is not None:
                return rules
        rules = self._make(pod)
        self._known[key] = None if rules is None else ref(rules)
        return rules

    def _make(self, pod: PodInfo) -> RuleSet | None:
        parts = _Builder(pod, self._snapshot).build()
        if not parts.keys:
            return None
        found = self._sets.get(parts)
        if found is None:
            found = self._sets[parts] = RuleSet(parts)
        return found


class _Builder:
    def __init__(self, pod: PodInfo, snapshot: Snapshot) -> None:
        self._pod = pod
        self._snapshot = snapshot
        self._at: dict[DomainsKey, int] = {}
        self._near: list[tuple[int, int]] = []

    def build(self) -> Parts:
        hard: list[Rule] = []
        even: list[tuple[int, int]] = []
        company = self._pod.company
        if company is not None:
            hard += [self._must_be_even(company, spread) for spread in company.spread if spread.hard]
            even = [(self._even(company, s), s.max_skew) for s in company.spread if not s.hard]
            hard += self._own(company)
            self._near += [
                (self._place(DomainsKey(Selected((term.selection,)), term.key)), term.weight)
                for term in company.preferred
            ]
        hard += self._theirs()
        return Parts(tuple(self._at), tuple(hard), tuple(self._near), tuple(even))

    def _own(self, company: Company) -> list[Rule]:
        rules: list[Rule] = []
        if company.affinity:
            wanted = Selected(tuple(term.selection for term in company.affinity))
            at = tuple(self._place(DomainsKey(wanted, term.key)) for term in company.affinity)
            rules.append(Together(at, wanted.matches(self._pod.identity, self._snapshot.namespaces)))
        places = (self._place(DomainsKey(Selected((term.selection,)), term.key)) for term in company.anti)
        return [*rules, *(Apart(at, theirs=False) for at in places)]

    def _theirs(self) -> list[Rule]:
        """Return the rules of pods that are there; note their preferences."""
        found: dict[tuple[str, PodTerm], None] = {}
        for company in self._snapshot.companies:
            for part in ("anti", "affinity", "preferred"):
                terms: tuple[PodTerm, ...] = getattr(company, part)
                for term in terms:
                    if term.selection.matches(self._pod.identity, self._snapshot.namespaces):
                        found[part, term] = None
        rules: list[Rule] = []
        for part, term in sorted(found, key=lambda pair: (pair[0], str(pair[1]), pair[1].weight)):
            at = self._place(DomainsKey(Asking(part, term), term.key))
            if part == "anti":
                rules.append(Apart(at, theirs=True))
            else:
                self._near.append((at, term.weight or HARD_AFFINITY_WEIGHT))
        return rules

    def _must_be_even(self, company: Company, spread: Spread) -> Rule:
        own = spread.selection.matches(self._pod.identity, self._snapshot.namespaces)
        return Even(self._even(company, spread), spread.max_skew, own, spread.min_domains)

    def _even(self, company: Company, spread: Spread) -> int:
        constraints = self._pod.constraints
        eligible = Eligible(
            keys=tuple(s.key for s in company.spread if s.hard == spread.hard),
            selected_by=constraints if spread.honor_affinity and constraints.selects else None,
            tolerated_by=constraints if spread.honor_taints else None,
        )
        return self._place(DomainsKey(Selected((spread.selection,), staying=True), spread.key, eligible))

    def _place(self, key: DomainsKey) -> int:
        return self._at.setdefault(key, len(self._at))
