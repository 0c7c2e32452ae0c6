"""Why does no node take this pod? The sentence that users know, and each node's own answer with numbers.

The sentence counts reasons over nodes in the form that clients of the API parse and people know by heart, with the
tail about preemption. The per-node answers go out as one JSON annotation of the FailedScheduling event: the pod
itself is the user's and is not written to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from podwright.scheduler.filters.refusal import Refusals
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.question import Question

ANNOTATION: Final = "scheduler.podwright.dev/explain"
_MAX_NODES = 100  # in the annotation; the rest is counted


@dataclass(frozen=True, slots=True)
class Explanation:
    """A refusal by all nodes. `message` is for the condition and the event, `nodes` for the annotation."""

    message: str
    nodes: Mapping[str, tuple[str, ...]]
    omitted: int = 0
    everywhere: str = ""
    plan: str = ""

    def annotation(self) -> str:
        """Return `{"nodes": {name: [detail, ...]}, "omitted": n, "everywhere": detail, "plan": text}` as JSON.

        All but `nodes` only where there is something to say: `everywhere` is what is in the way whatever the node,
        `plan` whom the pod displaces. "" where there is nothing at all.
        """
        if not self.nodes and not self.everywhere:
            return ""
        body: dict[str, object] = {"nodes": self.nodes}
        if self.everywhere:
            body["everywhere"] = self.everywhere
        if self.plan:
            body["plan"] = self.plan
        if self.omitted:
            body["omitted"] = self.omitted
        return orjson.dumps(body).decode()


@dataclass(frozen=True, slots=True)
class Preemption:
    """What became of the thought of displacing other pods.

    `plan` says whom it will be; `waits` that pods are on their way out for this one; `failures` what is in the way on
    a node even without the pods of lower priority.
    """

    plan: str = ""
    waits: bool = False
    failures: Mapping[str, Refusals] = field(default_factory=dict[str, Refusals])


def ask_all(question: Question, nodes: Mapping[str, NodeInfo]) -> dict[str, Refusals]:
    """Ask every filter about every node; nothing where no node will do whatever it offers."""
    return {} if question.demand.refusal else {name: refusals(question, node) for name, node in nodes.items()}


def explain(question: Question, nodes: int, answers: Mapping[str, Refusals], preemption: Preemption) -> Explanation:
    """Put together what the filters say of a number of nodes. Only meaningful where no node takes the pod."""
    pod, demand = question.pod, question.demand
    if not nodes:
        return Explanation("no nodes available to schedule pods", {})
    if demand.refusal:
        # The last two words are what clients get where no node was asked at all.
        return Explanation(_sentence(nodes, demand.refusal) + " not found", {}, everywhere=demand.detail)
    reasons = Counter(reason for found in answers.values() for reason in dict.fromkeys(r.reason for r in found))
    shown = dict(list(answers.items())[:_MAX_NODES])
    return Explanation(
        message=_summary(nodes, reasons) + _preemption(pod, answers, preemption),
        nodes={name: tuple(r.detail for r in found) for name, found in shown.items()},
        omitted=len(answers) - len(shown),
        plan=preemption.plan,
    )


def _preemption(pod: PodInfo, answers: Mapping[str, Refusals], preemption: Preemption) -> str:
    """Tell why taking other pods off would not be done either, nothing where it is being done."""
    if preemption.plan:
        return ""
    return f" no new claims to deallocate, preemption: {_why_not(pod, answers, preemption)}"


def _why_not(pod: PodInfo, answers: Mapping[str, Refusals], preemption: Preemption) -> str:
    if not pod.preempts:
        return "not eligible due to preemptionPolicy=Never."
    if preemption.waits:
        return "not eligible due to a terminating pod on the nominated node."
    counts: Counter[str] = Counter()
    for name, found in answers.items():
        if not all(r.curable for r in found):
            counts["Preemption is not helpful for scheduling"] += 1
        elif name in preemption.failures:
            counts.update({r.reason for r in preemption.failures[name]})
        else:
            counts["No preemption victims found for incoming pod"] += 1
    return _summary(len(answers), counts)


def _summary(total: int, counts: Mapping[str, int]) -> str:
    return _sentence(total, ", ".join(_sorted(counts)))


def _sentence(total: int, reasons: str) -> str:
    return f"0/{total} nodes are available: {reasons}."


def _sorted(counts: Mapping[str, int]) -> Iterable[str]:
    return sorted(f"{count} {reason}" for reason, count in counts.items() if count)
