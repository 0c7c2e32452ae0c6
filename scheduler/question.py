"""A pod that asks for a node, and what of the rest of the cluster its answer depends on.

Built fresh for each decision (`Decider.question`), valid until the snapshot changes. It must never be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.domains import Domains
from podwright.scheduler.pod_info import ClaimUse, PodInfo
from podwright.scheduler.requests import Requests
from podwright.scheduler.rules.ruleset import RuleSet
from podwright.scheduler.storage import NOTHING, Demand

Kind = tuple[Constraints, Requests, RuleSet | None, tuple[str, tuple[ClaimUse, ...]] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One pod, with what its claims ask, and the rules and counts of its neighbours."""

    pod: PodInfo
    demand: Demand = NOTHING
    rules: RuleSet | None = None
    domains: Sequence[Domains] = ()

    @property
    def kind(self) -> Kind:
        """What questions with the same answer have in common, as long as the snapshot does not change."""
        pod = self.pod
        return pod.constraints, pod.requests, self.rules, (pod.namespace, pod.claims) if pod.claims else None

    @property
    def far(self) -> bool:
        """Tell whether the answer about a node depends on more than that node."""
        return self.rules is not None or bool(self.pod.claims)
