"""nodeSelector and required node affinity: both must match the node's labels."""

from __future__ import annotations

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeFacts, NodeInfo
from podwright.scheduler.pod_info import PodInfo

_REASON = "node(s) didn't match Pod's node affinity/selector"


def suits(constraints: Constraints, facts: NodeFacts) -> bool:
    """Tell whether `refuse` would be empty."""
    if any(facts.labels.get(key) != value for key, value in constraints.selector):
        return False
    terms = constraints.required
    return terms is None or any(term.matches(facts.name, facts.labels) for term in terms)


def refuse(pod: PodInfo, node: NodeInfo) -> Refusals:
    """Refuse nodes whose labels (or name) do not match."""
    constraints, labels = pod.constraints, node.facts.labels
    for key, value in constraints.selector:
        if labels.get(key) != value:
            have = f"the node has {key}={labels[key]}" if key in labels else f"the node has no label {key}"
            return (Refusal(_REASON, f"nodeSelector wants {key}={value}, {have}"),)
    if constraints.required is None:
        return ()
    if any(term.matches(node.facts.name, labels) for term in constraints.required):
        return ()
    wanted = " or ".join(f"[{term}]" for term in constraints.required) or "nothing"
    return (Refusal(_REASON, f"required node affinity wants {wanted}"),)
