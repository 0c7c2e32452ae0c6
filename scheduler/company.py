"""What a pod asks about other pods: affinity, anti-affinity, and how its like is spread over the cluster.

Pods of one template share one `Company` object, as they share their `Constraints`; most pods have none. Keys whose
values come from the pod's own labels (`matchLabelKeys`) are part of the selectors by the time a pod gets here: the
API server writes them in. It must never look at the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from podwright.api.labels import Selector
from podwright.scheduler.identity import Identity

JSON = dict[str, Any]
Namespaces = Mapping[str, Mapping[str, str]]  # labels by name

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True, slots=True)
class Selection:
    """Pods by their labels, in some namespaces: named ones, and those whose labels `spaces` selects."""

    namespaces: frozenset[str]
    spaces: Selector | None
    selector: Selector

    @property
    def by_namespace(self) -> bool:
        """Tell whether the labels of namespaces matter."""
        return self.spaces is not None and not self.spaces.empty

    def matches(self, pod: Identity, namespaces: Namespaces) -> bool:
        """Tell whether a pod is one of them."""
        if pod.namespace not in self.namespaces:
            if self.spaces is None:
                return False
            if not self.spaces.empty:
                labels = namespaces.get(pod.namespace)
                if labels is None or not self.spaces.matches(labels):
                    return False
        return self.selector.matches(pod.labels)

    def __str__(self) -> str:
        pods = str(self.selector) or ("any" if self.selector.empty else "none")
        where = [*sorted(self.namespaces)]
        if self.spaces is not None:
            where.append(f"those with [{self.spaces}]" if self.by_namespace else "any")
        return f"[{pods}] in {', '.join(where) or 'no namespace'}"


@dataclass(frozen=True, slots=True)
class PodTerm:
    """Selected pods, near or far: together means on nodes that agree in the label `key`. `weight` 0 is a must."""

    selection: Selection
    key: str
    weight: int = 0

    def __str__(self) -> str:
        return f"{self.selection} by {self.key}"


@dataclass(frozen=True, slots=True)
class Spread:
    """Pods like this one are spread evenly over the values of a label of nodes."""

    key: str
    max_skew: int
    selection: Selection
    hard: bool
    min_domains: int
    honor_affinity: bool
    honor_taints: bool


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """Everything a pod's spec says about other pods. Compare by identity. `preferred` has negative weights too."""

    affinity: tuple[PodTerm, ...]
    anti: tuple[PodTerm, ...]
    preferred: tuple[PodTerm, ...]
    spread: tuple[Spread, ...]

    @property
    def terms(self) -> tuple[PodTerm, ...]:
        """All affinity terms, required and preferred."""
        return (*self.affinity, *self.anti, *self.preferred)

    @property
    def by_namespace(self) -> bool:
        """Tell whether the labels of namespaces matter to it."""
        return any(term.selection.by_namespace for term in self.terms)


def company_of(namespace: str, spec: JSON) -> Company | None:
    """Return what a pod asks about others: the same object for equal specs while it is in use lately."""
    affinity = spec.get("affinity") or {}
    near, far = affinity.get("podAffinity"), affinity.get("podAntiAffinity")
    spread = spec.get("topologySpreadConstraints")
    if not (near or far or spread):
        return None
    return _parse(orjson.dumps((namespace, near, far, spread), option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=4096)
def _parse(text: bytes) -> Company | None:
    namespace, near, far, spread = orjson.loads(text)
    near, far = near or {}, far or {}
    made = Company(
        affinity=tuple(_term(namespace, term) for term in near.get(_REQUIRED) or ()),
        anti=tuple(_term(namespace, term) for term in far.get(_REQUIRED) or ()),
        preferred=(
            *_weighted(namespace, near.get(_PREFERRED), 1),
            *_weighted(namespace, far.get(_PREFERRED), -1),
        ),
        spread=tuple(_spread(namespace, constraint) for constraint in spread or ()),
    )
    return made if made.terms or made.spread else None


def _term(namespace: str, term: JSON, weight: int = 0) -> PodTerm:
    named, spaces = term.get("namespaces") or (), term.get("namespaceSelector")
    selection = Selection(
        namespaces=frozenset(named) if named or spaces is not None else frozenset((namespace,)),
        spaces=None if spaces is None else Selector.from_label_selector(spaces),
        selector=Selector.from_label_selector(term.get("labelSelector")),
    )
    return PodTerm(selection, term["topologyKey"], weight)


def _weighted(namespace: str, terms: Sequence[JSON] | None, sign: int) -> list[PodTerm]:
    return [_term(namespace, t["podAffinityTerm"], sign * int(t["weight"])) for t in terms or ()]


def _spread(namespace: str, constraint: JSON) -> Spread:
    return Spread(
        key=constraint["topologyKey"],
        max_skew=int(constraint["maxSkew"]),
        selection=Selection(
            frozenset((namespace,)), None, Selector.from_label_selector(constraint.get("labelSelector"))
        ),
        hard=constraint.get("whenUnsatisfiable") != "ScheduleAnyway",
        min_domains=int(constraint.get("minDomains") or 1),
        honor_affinity=constraint.get("nodeAffinityPolicy") != "Ignore",
        honor_taints=constraint.get("nodeTaintsPolicy") == "Honor",
    )
