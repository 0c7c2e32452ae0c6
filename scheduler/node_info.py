"""A node as the scheduler sees it: what it offers, and what the pods on it (or on their way to it) have taken.

`NodeFacts` comes from the Node object and never changes; `NodeInfo` is the running account, changed only by the
snapshot. Neither must ever be shared across threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from podwright.scheduler.company import Company
from podwright.scheduler.constraints import HostPort, Taint
from podwright.scheduler.identity import Identity
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.requests import CPU, EPHEMERAL, MEMORY, PODS, amounts

JSON = dict[str, Any]


Thing = TypeVar("Thing")


def tally(counts: dict[Thing, int], thing: Thing, sign: int) -> int:
    """Count one more or less; what is down to 0 is forgotten. Returns the new count."""
    count = counts[thing] = counts.get(thing, 0) + sign
    if not count:
        del counts[thing]
    return count


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the Node object says. Amounts as in `Requests`; `pods` is the largest number of pods."""

    name: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    unschedulable: bool
    cpu: int
    memory: int
    ephemeral: int
    pods: int
    scalars: Mapping[str, int]


def node_facts(node: JSON) -> NodeFacts:
    """Read a Node object. Raises QuantityError on a malformed allocatable."""
    spec, status = node.get("spec") or {}, node.get("status") or {}
    offers = amounts(status.get("allocatable") or status.get("capacity"))
    return NodeFacts(
        name=node["metadata"]["name"],
        labels=node["metadata"].get("labels") or {},
        taints=tuple(Taint(t["key"], t.get("value") or "", t["effect"]) for t in spec.get("taints") or ()),
        unschedulable=bool(spec.get("unschedulable")),
        cpu=offers.pop(CPU, 0),
        memory=offers.pop(MEMORY, 0),
        ephemeral=offers.pop(EPHEMERAL, 0),
        pods=offers.pop(PODS, 0),
        scalars=offers,
    )


@dataclass(slots=True, eq=False)
class NodeInfo:
    """The account of one node. The `free_*` amounts may be negative after allocatable shrank."""

    facts: NodeFacts
    used_cpu: int = 0
    used_memory: int = 0
    free_memory: int = 0
    free_ephemeral: int = 0
    free_pods: int = 0
    used_scalars: dict[str, int] = field(default_factory=dict[str, int])
    ports: list[HostPort] = field(default_factory=list[HostPort])
    pods: dict[str, PodInfo] = field(default_factory=dict[str, PodInfo])  # by namespace/name
    identities: dict[Identity, int] = field(default_factory=dict[Identity, int])  # how many pods of each
    companies: dict[Company, int] = field(default_factory=dict[Company, int])

    def __post_init__(self) -> None:
        self.free_memory = self.facts.memory
        self.free_ephemeral = self.facts.ephemeral
        self.free_pods = self.facts.pods

    def take(self, pod: PodInfo) -> None:
        """Count a pod in. Its key must not be counted already."""
        self.pods[pod.key] = pod
        self._count(pod, 1)
        if pod.constraints.ports:
            self.ports.extend(pod.constraints.ports)

    def drop(self, key: str) -> PodInfo:
        """Count a pod out and return what was counted in for it. Raises KeyError."""
        pod = self.pods.pop(key)
        self._count(pod, -1)
        for port in pod.constraints.ports:
            self.ports.remove(port)
        return pod

    def _count(self, pod: PodInfo, sign: int) -> None:
        requests = pod.requests
        self.used_cpu += sign * requests.cpu
        self.used_memory += sign * requests.memory
        self.free_memory -= sign * requests.memory
        self.free_pods -= sign
        self.free_ephemeral -= sign * requests.ephemeral
        for name, value in requests.scalars:
            self.used_scalars[name] = self.used_scalars.get(name, 0) + sign * value
        count = self.identities[pod.identity] = self.identities.get(pod.identity, 0) + sign
        if not count:
            del self.identities[pod.identity]
        if pod.company is not None:
            tally(self.companies, pod.company, sign)

    def free_scalar(self, name: str) -> int:
        """Return what is left of an extended resource; 0 where the node has none."""
        return self.facts.scalars.get(name, 0) - self.used_scalars.get(name, 0)

    def clash(self, ports: Iterable[HostPort]) -> HostPort | None:
        """Return the first of `ports` that is taken on this node."""
        for port in ports:
            for taken in self.ports:
                if port.clashes(taken):
                    return port
        return None
