"""Where does this pod go? The scheduler's one decision, a plain function of the snapshot and a seed.

    place(pod) -> node name, or None: then `explain.py` says why

It keeps what it derived from the snapshot per template of pods, so that a decision does not look at every node; the
answer is always that of asking every filter about every node and taking the smallest `scores.total.rank` (the tests
prove it). It must never wait, do I/O or change the snapshot: the caller assumes the pod where it was placed.
"""

from __future__ import annotations

from typing import Final

from podwright.scheduler.candidates import Candidates
from podwright.scheduler.constraints import Constraints
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.question import Question
from podwright.scheduler.snapshot import Snapshot
from podwright.scheduler.storage import demand


class Decider:
    """Decides over one snapshot. `seed` fixes the order among nodes that are equally good."""

    REMEMBERED_NODES: Final = 200_000  # over all templates; the one used longest ago is dropped first

    def __init__(self, snapshot: Snapshot, seed: int = 0) -> None:
        self._snapshot = snapshot
        self._seed = seed
        self._candidates: dict[Constraints, Candidates] = {}  # least recently used first

    def place(self, pod: PodInfo) -> str | None:
        """Return the best node that the pod fits on, or None."""
        question = self.question(pod)
        if question.demand.refusal:
            return None
        if pod.node:
            node = self._snapshot.nodes.get(pod.node)
            return pod.node if node is not None and not refusals(question, node) else None
        return self._candidates_for(pod).best(question)

    def question(self, pod: PodInfo) -> Question:
        """Return the pod with what of the rest of the cluster decides its place."""
        if not pod.claims:
            return Question(pod)
        return Question(pod, demand(pod, self._snapshot.storage, self._snapshot.claimants))

    def _candidates_for(self, pod: PodInfo) -> Candidates:
        known = self._candidates.pop(pod.constraints, None)
        if known is None:
            known = Candidates(pod, self._snapshot, self._seed)
            self._make_room(len(known))
        else:
            known.catch_up(self._snapshot)
        self._candidates[pod.constraints] = known
        return known

    def _make_room(self, wanted: int) -> None:
        total = wanted + sum(map(len, self._candidates.values()))
        while self._candidates and total > self.REMEMBERED_NODES:
            oldest = next(iter(self._candidates))
            total -= len(self._candidates.pop(oldest))
