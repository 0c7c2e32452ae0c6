"""The scheduler's picture of the cluster: every node's account, kept up to date change by change.

A pod that was just placed is counted at once (assumed), before the API server confirms, so that the next decision
sees it. Every change is noted in a journal: derived structures (`decide.py`) catch up from where they last read
instead of looking at all nodes again. The snapshot must never do I/O and never decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from podwright.scheduler.company import Company
from podwright.scheduler.node_info import NodeFacts, NodeInfo, tally
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.storage import Storage


class Snapshot:
    """Nodes and the pods on them. Pods bound to a node that is not known (yet) wait aside."""

    JOURNAL_LIMIT: Final = 65_536  # entries kept; a reader that fell further behind starts over

    def __init__(self) -> None:
        self.nodes: dict[str, NodeInfo] = {}
        self.version = 0  # number of changes so far
        self.storage = Storage()  # written to by the loop
        self.companies: dict[Company, int] = {}  # what the counted pods ask about others: how many pods of each
        self.companies_version = 0  # number of times that one came or went
        self.namespaces: dict[str, Mapping[str, str]] = {}  # labels by name, as far as anybody asked for them
        self.namespaces_version = 0
        self._journal: list[str] = []
        self._journal_start = 0
        self._where: dict[str, str] = {}  # pod key -> node name, as counted
        self._assumed: set[str] = set()
        self._held: set[str] = set()  # keys of pods that wait, counted where room is held for them
        self._priorities: dict[int, int] = {}  # how many counted pods have which
        self._labelled: dict[tuple[str, str], set[str]] = {}
        self._strays: dict[str, dict[str, PodInfo]] = {}  # node name -> pods counted there once it appears
        self._claimants: dict[str, set[str]] = {}  # claim's key -> keys of the counted pods that mount it

    def changed_since(self, version: int) -> list[str] | None:
        """Return names of nodes that changed (may repeat), or None where that is no longer known."""
        start = version - self._journal_start
        return None if start < 0 else self._journal[start:]

    def labelled(self, key: str, value: str) -> set[str]:
        """Return the names of nodes with this label; to be read only."""
        return self._labelled.get((key, value), set())

    @property
    def claimants(self) -> Mapping[str, AbstractSet[str]]:
        """Keys of the counted pods that mount a claim, by the claim's key."""
        return self._claimants

    def set_node(self, facts: NodeFacts) -> None:
        """Add a node or replace its facts; the pods counted on it stay counted."""
        node = NodeInfo(facts)
        before = self.nodes.get(facts.name)
        if before is not None and before.facts == facts:
            return
        pods = before.pods if before is not None else self._strays.pop(facts.name, {})
        for pod in pods.values():
            node.take(pod)
        self.nodes[facts.name] = node
        self._relabel(facts.name, before.facts.labels if before is not None else {}, facts.labels)
        self._note(facts.name)

    def remove_node(self, name: str) -> None:
        """Forget a node; its pods wait aside in case it comes back."""
        node = self.nodes.pop(name, None)
        if node is None:
            return
        if node.pods:
            self._strays[name] = dict(node.pods)
        self._relabel(name, node.facts.labels, {})
        self._note(name)

    def set_namespace(self, name: str, labels: Mapping[str, str] | None) -> None:
        """Note the labels of a namespace, None for one that is gone."""
        if self.namespaces.get(name) != labels:
            self.namespaces_version += 1
            if labels is None:
                del self.namespaces[name]
            else:
                self.namespaces[name] = labels

    def assume(self, pod: PodInfo, node: str) -> None:
        """Count a pod on the node it is about to be bound to."""
        self._put(pod, node)
        self._assumed.add(pod.key)

    def hold(self, pod: PodInfo, node: str) -> None:
        """Count a pod that waits on the node that is held for it."""
        self._put(pod, node)
        self._held.add(pod.key)

    def unhold(self, key: str) -> str:
        """Give up what is held for a pod; returns the node, "" for none."""
        return self.remove_pod(key) if key in self._held else ""

    def is_held(self, key: str) -> bool:
        """Tell whether a pod is only counted because room is held for it."""
        return key in self._held

    def held_on(self, key: str) -> str:
        """Return the node that is held for a pod, "" for none."""
        return self._where[key] if key in self._held else ""

    @property
    def lowest_priority(self) -> int | None:
        """The lowest priority of any counted pod, None without any."""
        return min(self._priorities, default=None)

    def lift(self, pod: PodInfo, node: NodeInfo) -> None:
        """Take a pod off its node for the sake of argument; whoever does must put it back before others look."""
        node.drop(pod.key)
        self._part(pod)
        self._note(node.facts.name)

    def put_back(self, pod: PodInfo, node: NodeInfo) -> None:
        """Undo `lift`."""
        node.take(pod)
        self._join(pod)
        self._note(node.facts.name)

    def forget(self, pod: PodInfo) -> None:
        """Take back an assumption (binding failed). A confirmed pod stays, and so does a later namesake."""
        if pod.key in self._assumed:
            counted = self._counted(pod.key)
            if counted is not None and counted.uid == pod.uid:
                self.remove_pod(pod.key)

    def is_assumed(self, key: str) -> bool:
        """Tell whether the pod was placed here but not yet seen bound."""
        return key in self._assumed

    def confirm(self, pod: PodInfo) -> bool:
        """Count a bound pod as the API server has it; returns whether anything but certainty changed."""
        key = pod.key
        self._assumed.discard(key)
        self._held.discard(key)
        if self._where.get(key) == pod.node:
            counted = self._counted(key)
            if counted is not None and _same(counted, pod):
                return False
        self._put(pod, pod.node)
        return True

    def remove_pod(self, key: str) -> str:
        """Count a pod out (gone or finished); returns the node it was counted on, "" for none."""
        name = self._where.pop(key, "")
        self._assumed.discard(key)
        self._held.discard(key)
        if not name:
            return ""
        node = self.nodes.get(name)
        if node is not None:
            pod = node.drop(key)
            self._note(name)
        else:
            strays = self._strays[name]
            pod = strays.pop(key)
            if not strays:
                del self._strays[name]
        tally(self._priorities, pod.priority, -1)
        self._part(pod)
        return name

    def pods(self) -> Iterable[tuple[str, str]]:
        """Return (pod key, node name) of every counted pod."""
        return self._where.items()

    def _counted(self, key: str) -> PodInfo | None:
        name = self._where[key]
        node = self.nodes.get(name)
        return node.pods.get(key) if node is not None else self._strays.get(name, {}).get(key)

    def _put(self, pod: PodInfo, name: str) -> None:
        key = pod.key
        if key in self._where:
            assumed = key in self._assumed
            self.remove_pod(key)
            if assumed:
                self._assumed.add(key)
        self._where[key] = name
        tally(self._priorities, pod.priority, 1)
        self._join(pod)
        node = self.nodes.get(name)
        if node is None:
            self._strays.setdefault(name, {})[key] = pod
            return
        node.take(pod)
        self._note(name)

    def _join(self, pod: PodInfo) -> None:
        if pod.company is not None:
            self._meet(pod.company, 1)
        for use in pod.claims:
            self._claimants.setdefault(f"{pod.namespace}/{use.claim}", set()).add(pod.key)

    def _part(self, pod: PodInfo) -> None:
        if pod.company is not None:
            self._meet(pod.company, -1)
        for use in pod.claims:
            self._release(f"{pod.namespace}/{use.claim}", pod.key)

    def _meet(self, company: Company, sign: int) -> None:
        known = company in self.companies
        if known != bool(tally(self.companies, company, sign)):
            self.companies_version += 1

    def _release(self, claim: str, key: str) -> None:
        users = self._claimants[claim]
        users.discard(key)
        if not users:
            del self._claimants[claim]

    def _relabel(self, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        for label in before.items() - after.items():
            names = self._labelled[label]
            names.discard(name)
            if not names:
                del self._labelled[label]
        for label in after.items() - before.items():
            self._labelled.setdefault(label, set()).add(name)

    def _note(self, name: str) -> None:
        self._journal.append(name)
        self.version += 1
        if len(self._journal) > self.JOURNAL_LIMIT:
            dropped = self.JOURNAL_LIMIT // 2
            del self._journal[:dropped]
            self._journal_start += dropped


def _same(counted: PodInfo, pod: PodInfo) -> bool:
    return counted.uid == pod.uid and counted.requests == pod.requests and counted.identity is pod.identity
