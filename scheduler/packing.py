"""Nodes of equal CPU size and equal preference, kept in packing order: the structure that makes decisions fast.

For such nodes the order of scores is the order of used CPU, whatever the pod; so the best node for a pod is the first
one, from the fullest that still has its CPU free, that has room for the rest. Chunks of the order that have not
enough memory anywhere are stepped over whole. It mirrors accounts and must never change them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Final

from podwright.scheduler.filters.resources import fits
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.scores.most_allocated import memory_share

# (-used cpu, -memory share, tie, name, node): names are unique, so comparing never reaches the node.
Entry = tuple[int, int, int, str, NodeInfo]


class Packing:
    """An ordered list in chunks, each with upper bounds of the free memory and storage in it."""

    CHUNK: Final = 96

    def __init__(self, cpu: int, preference: int) -> None:
        self.cpu = cpu
        self.preference = preference
        self._chunks: list[list[Entry]] = []
        self._lasts: list[Entry] = []
        self._memory_bounds: list[int] = []
        self._storage_bounds: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def entry(self, node: NodeInfo, tie: int) -> Entry:
        """Return where the node stands as its account is now."""
        used = node.used_cpu if self.cpu > 0 else 0
        return -used, -memory_share(node), tie, node.facts.name, node

    def add(self, entry: Entry) -> None:
        """Put an entry in."""
        memory, storage = entry[4].free_memory, entry[4].free_ephemeral
        if not self._chunks:
            self._chunks.append([entry])
            self._lasts.append(entry)
            self._memory_bounds.append(memory)
            self._storage_bounds.append(storage)
            return
        at = min(bisect_left(self._lasts, entry), len(self._chunks) - 1)
        chunk = self._chunks[at]
        insort(chunk, entry)
        self._lasts[at] = chunk[-1]
        self._memory_bounds[at] = max(self._memory_bounds[at], memory)
        self._storage_bounds[at] = max(self._storage_bounds[at], storage)
        if len(chunk) > 2 * self.CHUNK:
            self._split(at)

    def remove(self, entry: Entry) -> None:
        """Take an entry out, given as it was put in."""
        at = bisect_left(self._lasts, entry)
        chunk = self._chunks[at]
        del chunk[bisect_left(chunk, entry)]
        if chunk:
            self._lasts[at] = chunk[-1]
        else:
            del self._chunks[at], self._lasts[at], self._memory_bounds[at], self._storage_bounds[at]

    def first_fit(self, pod: PodInfo, allows: Callable[[NodeInfo], bool] | None = None) -> Entry | None:
        """Return the fullest node with room for the pod that `allows` lets pass; every entry must be up to date."""
        cpu, memory, storage = pod.requests.cpu, pod.requests.memory, pod.requests.ephemeral
        start = (cpu - self.cpu,) if cpu else (-(1 << 62),)
        first = bisect_left(self._lasts, start)
        for at in range(first, len(self._chunks)):
            if memory and self._memory_bounds[at] < memory:
                continue
            if storage and self._storage_bounds[at] < storage:
                continue
            chunk = self._chunks[at]
            for index in range(bisect_left(chunk, start) if at == first else 0, len(chunk)):
                entry = chunk[index]
                if fits(pod, entry[4]) and (allows is None or allows(entry[4])):
                    return entry
            self._memory_bounds[at] = max(entry[4].free_memory for entry in chunk)
            self._storage_bounds[at] = max(entry[4].free_ephemeral for entry in chunk)
        return None

    def _split(self, at: int) -> None:
        chunk = self._chunks[at]
        half = len(chunk) // 2
        left, right = chunk[:half], chunk[half:]
        self._chunks[at : at + 1] = [left, right]
        self._lasts[at : at + 1] = [left[-1], right[-1]]
        for bounds in (self._memory_bounds, self._storage_bounds):
            bounds.insert(at, bounds[at])
