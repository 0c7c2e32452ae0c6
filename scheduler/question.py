"""A pod that asks for a node, and what of the rest of the cluster its answer depends on.

Built fresh for each decision (`Decider.question`), valid until the snapshot changes. It must never be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podwright.scheduler.domains import Domains
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.rules.ruleset import RuleSet
from podwright.scheduler.storage import NOTHING, Demand


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One pod, with what its claims ask, and the rules and counts of its neighbours."""

    pod: PodInfo
    demand: Demand = NOTHING
    rules: RuleSet | None = None
    domains: Sequence[Domains] = ()

    @property
    def far(self) -> bool:
        """Tell whether the answer about a node depends on more than that node."""
        return self.rules is not None or bool(self.pod.claims)
