"""A pod that asks for a node, and what of the rest of the cluster its answer depends on.

Built fresh for each decision (`Decider.question`), valid until the snapshot changes. It must never be kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.storage import NOTHING, Demand


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One pod, with what its claims ask."""

    pod: PodInfo
    demand: Demand = NOTHING

    @property
    def far(self) -> bool:
        """Tell whether the answer about a node depends on more than that node."""
        return bool(self.pod.claims)
