"""What is said, and what is done, when no node takes a pod: an explanation, and maybe a place to be made for it.

Pods that are refused alike within a moment get the same explanation; whom a pod displaces is its own matter. It must
never wait, and leaves the snapshot as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from podwright.scheduler.decide import Decider
from podwright.scheduler.explain import Explanation, Preemption, ask_all, explain
from podwright.scheduler.filters.refusal import Refusals
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.preemption import Attempt, BudgetFacts, Candidate, search
from podwright.scheduler.question import Kind, Question
from podwright.scheduler.snapshot import Snapshot

_SAME_STORY: Final = 0.5  # seconds in which pods refused alike get the same explanation
_REMEMBERED: Final = 32

_Case = tuple[Kind, bool, int, bool]


class Refusing:
    """Explains over one snapshot. `is_going` tells which pods are on their way out."""

    def __init__(
        self,
        snapshot: Snapshot,
        decider: Decider,
        budgets: Collection[BudgetFacts],
        is_going: Callable[[PodInfo], bool],
    ) -> None:
        self._snapshot = snapshot
        self._decider = decider
        self._budgets = budgets
        self._is_going = is_going
        self._asked: tuple[Kind, int, float, Mapping[str, Refusals]] | None = None
        self._stories: dict[_Case, tuple[int, float, Explanation]] = {}

    def forget(self) -> None:
        """Something changed that the snapshot does not number."""
        self._stories.clear()
        self._asked = None

    def may_displace(self, pod: PodInfo) -> bool:
        """Tell whether there is any pod that it could displace."""
        lowest = self._snapshot.lowest_priority
        return pod.preempts and lowest is not None and lowest < pod.priority

    def refuse(self, pod: PodInfo, held: str, now: float) -> tuple[Explanation, Candidate | None]:
        """Return what to say, and the place to be made. `held` is the node that was held for the pod so far."""
        waits = self.waits(pod, held)
        question, nodes = self._decider.question(pod), self._snapshot.nodes
        kind = (question.kind, pod.preempts, pod.priority, waits)
        version, at, story = self._stories.get(kind, (-1, 0.0, None))
        current = version == self._snapshot.version
        if story is not None and (current or (now - at <= _SAME_STORY and not self.may_displace(pod))):
            return story, None
        answers = self._ask(question, now)
        attempt = Attempt()
        if answers and not waits and self.may_displace(pod):
            attempt = search(pod, self._snapshot, self._decider, answers, self._budgets, self._is_going)
        plan = _plan(attempt.best) if attempt.best is not None else ""
        story = explain(question, len(nodes), answers, Preemption(plan, waits, attempt.failures))
        if attempt.best is None:
            if len(self._stories) > _REMEMBERED:
                self._stories.clear()
            self._stories[kind] = (self._snapshot.version, now, story)
        return story, attempt.best

    def _ask(self, question: Question, now: float) -> Mapping[str, Refusals]:
        """Ask all nodes, unless pods alike were just answered: a search looks at each node anew that it tries."""
        kind, nodes = question.kind, self._snapshot.nodes
        if self._asked is not None:
            last, version, at, answers = self._asked
            recent = now - at <= _SAME_STORY and answers.keys() == nodes.keys()
            if last == kind and (version == self._snapshot.version or recent):
                return answers
        answers = ask_all(question, nodes)
        self._asked = (kind, self._snapshot.version, now, answers)
        return answers

    def waits(self, pod: PodInfo, held: str) -> bool:
        """Tell whether pods are on their way out of the node that is held for this one."""
        node = self._snapshot.nodes.get(held)
        if node is None:
            return False
        return any(other.priority < pod.priority and self._is_going(other) for other in node.pods.values())


def _plan(best: Candidate) -> str:
    gone = ", ".join(f"{pod.key} (priority {pod.priority})" for pod in best.victims)
    rooms = ", ".join(pod.key for pod in best.dropped)
    parts = [f"displaces {gone}"] if gone else []
    parts += [f"takes the room held for {rooms}"] if rooms else []
    return f"{' and '.join(parts) or 'waits for pods that are ending'} on node {best.node}"
