"""What a filter answers when a node will not do: the reason users know, and by how much this node misses it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason against one node.

    `reason` is counted over nodes in the pod's condition, `detail` is about this node alone. `curable` tells whether
    taking pods off the node could help.
    """

    reason: str
    detail: str
    curable: bool = False


Refusals = tuple[Refusal, ...]
