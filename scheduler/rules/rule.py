"""What a pod's place must keep to with regard to other pods: a value that reads counts of domains, and nothing else.

A rule names its counts by their position in the `RuleSet` it belongs to. `counts` are those of one node: None where
the node lacks the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from podwright.scheduler.domains import Domains
from podwright.scheduler.filters.refusal import Refusals
from podwright.scheduler.node_info import NodeInfo

Counts = Sequence[int | None]


class Rule(Protocol):
    """One thing that must hold."""

    def allows(self, counts: Counts, domains: Sequence[Domains]) -> bool:
        """Tell whether a node with these counts will do; made for speed."""
        ...

    def refuse(self, node: NodeInfo, domains: Sequence[Domains]) -> Refusals:
        """Return why a node that is not allowed will not do."""
        ...
