"""How many pods of some kind there are for each value of a label of nodes; brought up to date from the journal.

    topology.kubernetes.io/zone:  a: 3, b: 0, c: 1

Shared by all that ask the same (`Decider.domains`). Each keeps what every node adds, so a change costs one count of
one node. It is derived data: losing it costs time, never correctness.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass
from typing import Final

from podwright.scheduler.counting import Counted, Eligible
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class DomainsKey:
    """What is counted, by which label, over which nodes (None: all that have the label)."""

    counted: Counted
    label: str
    eligible: Eligible | None = None


class Domains:
    """The counts of one key over one snapshot."""

    LOG_LIMIT: Final = 65_536

    def __init__(self, key: DomainsKey, snapshot: Snapshot) -> None:
        self.key = key
        self.counts: dict[str, int] = {}
        self.total = 0
        self.changes = 0  # number of changes of counts so far
        self._snapshot = snapshot
        self._counter = key.counted.counter(snapshot.namespaces)
        self._nodes: dict[str, int] = {}  # eligible nodes of each value
        self._levels: Tally[int] = Tally()  # how many values have this count
        self._shares: dict[str, tuple[str, int]] = {}  # what each node adds
        self._log: list[str] = []  # values whose count changed
        self._log_start = 0
        self._witnesses: dict[str, str] = {}
        self._version = -1
        self._spaces = snapshot.namespaces_version
        self.catch_up()

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self.counts)

    @property
    def least(self) -> int:
        """The smallest count of any value, 0 where there is none."""
        return min(self._levels, default=0)

    def changed_since(self, changes: int) -> list[str] | None:
        """Return the values whose count changed (may repeat), or None where that is no longer known."""
        start = changes - self._log_start
        return None if start < 0 else self._log[start:]

    def value_of(self, node: NodeInfo) -> str | None:
        """Return which value a node has."""
        return node.facts.labels.get(self.key.label)

    def count_at(self, node: NodeInfo) -> int | None:
        """Return the count of a node's value, None where it has none."""
        value = node.facts.labels.get(self.key.label)
        return None if value is None else self.counts.get(value, 0)

    def catch_up(self) -> None:
        """Take in every change of the snapshot since the last time."""
        snapshot = self._snapshot
        stale = self.key.counted.by_namespace and self._spaces != snapshot.namespaces_version
        if self._version == snapshot.version and not stale:
            return
        changed = snapshot.changed_since(self._version) if self._version >= 0 and not stale else None
        if changed is None:
            self._spaces = snapshot.namespaces_version
            self._counter = self.key.counted.counter(snapshot.namespaces)
            changed = {*snapshot.nodes, *self._shares}
            self._log_start += len(self._log) + 1  # whoever has read so far starts over
            self._log.clear()
            self.changes = self._log_start
        for name in changed if len(changed) < 2 else set(changed):
            self._recount(name, snapshot.nodes.get(name))
        self._version = snapshot.version

    def witness(self, node: NodeInfo) -> str:
        """Return the key of one of the pods that are counted for a node's value, "" without any."""
        value = node.facts.labels.get(self.key.label)
        if value is None:
            return ""
        found = self._witnesses.get(value)
        if found is None:
            found = self._witnesses[value] = self._find(value)
        return found

    def _find(self, value: str) -> str:
        for name in sorted(self._snapshot.labelled(self.key.label, value)):
            share = self._shares.get(name)
            if share is not None and share[1]:
                pods = self._snapshot.nodes[name].pods
                return min(key for key, pod in pods.items() if self._counter.is_one(pod))
        return ""

    def _recount(self, name: str, node: NodeInfo | None) -> None:
        old = self._shares.get(name)
        new = self._share(node) if node is not None else None
        if old == new:
            return
        if new is None:
            del self._shares[name]
        else:
            self._shares[name] = new
        if old is not None and new is not None and old[0] == new[0]:
            self._add(new[0], new[1] - old[1], 0)
            return
        if old is not None:
            self._add(old[0], -old[1], -1)
        if new is not None:
            self._add(new[0], new[1], 1)

    def _share(self, node: NodeInfo) -> tuple[str, int] | None:
        value = node.facts.labels.get(self.key.label)
        eligible = self.key.eligible
        if value is None or (eligible is not None and not eligible.admits(node.facts)):
            return None
        return value, self._counter.on(node)

    def _add(self, value: str, pods: int, nodes: int) -> None:
        left = self._nodes.get(value, 0) + nodes
        before = self.counts.get(value)
        if before is not None:
            self._levels[before] -= 1
            if not self._levels[before]:
                del self._levels[before]
        if left:
            now = self.counts[value] = (before or 0) + pods
            self._nodes[value] = left
            self._levels[now] += 1
        else:
            del self.counts[value], self._nodes[value]
        self.total += pods
        self._witnesses.clear()
        self._log.append(value)
        self.changes += 1
        if len(self._log) > self.LOG_LIMIT:
            dropped = self.LOG_LIMIT // 2
            del self._log[:dropped]
            self._log_start += dropped
