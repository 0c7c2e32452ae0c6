"""Required pod affinity and anti-affinity: near pods that are wanted, far from those that are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podwright.scheduler.domains import Domains
from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.rules.rule import Counts

_NOT_NEAR = "node(s) didn't match pod affinity rules"
_NEAR = "node(s) didn't match pod anti-affinity rules"
_UNWANTED = "node(s) didn't satisfy existing pods anti-affinity rules"


@dataclass(frozen=True, slots=True)
class Together:
    """Pods that match all terms must be there by each term's label; `own`: the pod itself is such a pod.

    Then the first of them may go anywhere with the labels: a group must be able to begin.
    """

    at: tuple[int, ...]
    own: bool

    def allows(self, counts: Counts, domains: Sequence[Domains]) -> bool:
        """Tell whether such pods are near, or none are anywhere and this is one."""
        near = True
        for index in self.at:
            count = counts[index]
            if count is None:
                return False
            near = near and count > 0
        return near or (self.own and all(domains[index].total == 0 for index in self.at))

    def refuse(self, node: NodeInfo, domains: Sequence[Domains]) -> Refusals:
        """Say what is missing on a node that is not allowed."""
        for index in self.at:
            key = domains[index].key
            value = domains[index].value_of(node)
            if value is None:
                return (Refusal(_NOT_NEAR, f"pod affinity: the node has no label {key.label}"),)
            if not domains[index].count_at(node):
                detail = f"pod affinity: no pod {key.counted} where {key.label}={value}"
                return (Refusal(_NOT_NEAR, detail),)
        return (Refusal(_NOT_NEAR, "pod affinity: not all terms are met"),)


@dataclass(frozen=True, slots=True)
class Apart:
    """No such pod may be near. `theirs`: those pods ask for it."""

    at: int
    theirs: bool

    def allows(self, counts: Counts, domains: Sequence[Domains]) -> bool:
        """Tell whether none is near."""
        del domains
        return not counts[self.at]

    def refuse(self, node: NodeInfo, domains: Sequence[Domains]) -> Refusals:
        """Say which pod is near on a node that is not allowed."""
        near = domains[self.at]
        key, count, one = near.key, near.count_at(node) or 0, near.witness(node)
        who = one if count < 2 else f"{one} and {count - 1} more"
        where = f"where {key.label}={near.value_of(node)}"
        detail = f"anti-affinity of {who} {where}: no pod {key.counted}"
        if not self.theirs:
            detail = f"pod anti-affinity: {who} {where}, but no pod {key.counted} may be there"
        return (Refusal(_UNWANTED if self.theirs else _NEAR, detail, curable=True),)
