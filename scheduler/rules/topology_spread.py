"""Spread constraints that must hold: no domain may have many more of a pod's like than the one with fewest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podwright.scheduler.domains import Domains
from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.rules.rule import Counts

_UNEVEN = "node(s) didn't match pod topology spread constraints"
_NO_LABEL = f"{_UNEVEN} (missing required label)"


@dataclass(frozen=True, slots=True)
class Even:
    """One constraint. `own`: the pod counts itself. With fewer domains than `min_domains` the fewest is 0."""

    at: int
    max_skew: int
    own: bool
    min_domains: int

    def allows(self, counts: Counts, domains: Sequence[Domains]) -> bool:
        """Tell whether the skew with the pod on such a node is bearable."""
        count = counts[self.at]
        return count is not None and count + self.own - self._least(domains[self.at]) <= self.max_skew

    def refuse(self, node: NodeInfo, domains: Sequence[Domains]) -> Refusals:
        """Say by how much a node that is not allowed misses it."""
        like = domains[self.at]
        label, count = like.key.label, like.count_at(node)
        if count is None:
            return (Refusal(_NO_LABEL, f"spread: the node has no label {label}"),)
        least = self._least(like)
        fewest = f"the fewest is {least}"
        if len(like) < self.min_domains:
            fewest = f"the fewest counts as 0 with {len(like)} of {self.min_domains} domains"
        detail = f"spread over {label}: {count + self.own} with this pod where {label}={like.value_of(node)}, {fewest}"
        return (Refusal(_UNEVEN, f"{detail}, maxSkew {self.max_skew}", curable=True),)

    def _least(self, domains: Domains) -> int:
        return 0 if len(domains) < self.min_domains else domains.least
