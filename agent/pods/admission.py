"""The node's own yes or no to a pod that was bound to it, in case whoever bound it knew less than the node does.

Pure. Pods that run here already are not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from podwright.agent.pods import kernel_admission, resources
from podwright.agent.pods.kernel_admission import Rejection
from podwright.agent.pods.resizing import DEFERRED, INFEASIBLE, Pending
from podwright.agent.pods.spec import Pod, host_network, init_containers, main_containers
from podwright.api import node_selectors, quantity


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the node offers. Without labels (the control plane has not told them) selectors are not checked."""

    name: str
    allocatable: Mapping[str, str] = field(default_factory=dict[str, str])
    labels: Mapping[str, str] | None = None
    apparmor: bool = False  # the kernel enforces AppArmor profiles


def check(pod: Pod, others: Sequence[Pod], node: NodeFacts) -> Rejection | None:
    """Return why the pod cannot run beside the others, None when it can."""
    system = (pod["spec"].get("os") or {}).get("name")
    if system not in (None, "linux"):
        text = "Failed to admit pod as the OS field doesn't match node OS"
        return Rejection("PodOSNotSupported", text)
    if node.labels is not None and not node_selectors.allows(pod["spec"], node.name, node.labels):
        text = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
        return Rejection("NodeAffinity", text)
    taken = {port for other in others for port in host_ports(other)}
    if any(_clash(port, other) for port in host_ports(pod) for other in taken):
        text = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
        return Rejection("NodePorts", text)
    return _fits(pod, others, node.allocatable) or kernel_admission.check(pod, apparmor=node.apparmor)


def check_resize(pod: Pod, others: Sequence[Pod], node: NodeFacts) -> Pending | None:
    """Return why the node cannot give a running pod what it wants now: never, or not beside the others."""
    wanted, used = resources.pod_requests(pod), resources.total(others)
    for name in ("cpu", "memory"):
        if name not in node.allocatable or not wanted.get(name):
            continue
        capacity, amount = _capacity(node.allocatable, name), wanted[name]
        if amount > capacity:
            text = f"Node didn't have enough capacity: {name}, requested: {amount}, capacity: {capacity}"
            return Pending(INFEASIBLE, text)
        if amount + used.get(name, 0) > capacity:
            text = f"requested: {amount}, used: {used.get(name, 0)}, capacity: {capacity}"
            return Pending(DEFERRED, f"Node didn't have enough resource: {name}, {text}")
    return None


def _capacity(allocatable: Mapping[str, str], name: str) -> int:
    return quantity.milli(allocatable[name]) if name == "cpu" else quantity.whole(allocatable[name])


def _fits(pod: Pod, others: Sequence[Pod], allocatable: Mapping[str, str]) -> Rejection | None:
    wanted = {"pods": 1, **resources.pod_requests(pod)}
    used = {**resources.total(others), "pods": len(others)}
    for name in sorted(wanted, key=lambda n: (n != "pods", n)):
        if name not in allocatable or not wanted[name]:
            continue
        capacity = _capacity(allocatable, name)
        if wanted[name] + used.get(name, 0) > capacity:
            amounts = f"requested: {wanted[name]}, used: {used.get(name, 0)}, capacity: {capacity}"
            return Rejection(f"OutOf{name}", f"Node didn't have enough resource: {name}, {amounts}")
    return None


HostPort = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class PodPort:
    """A port of the node that leads to a pod; `host_ip` "" is any address of the node."""

    protocol: str
    port: int
    host_ip: str
    pod_ip: str
    pod_port: int


def forwarded_ports(pod: Pod, pod_ip: str) -> list[PodPort]:
    """List the ports that must be led to a pod; none on the host network, where it has them itself."""
    if host_network(pod) or not pod_ip:
        return []
    return [
        PodPort(port.get("protocol") or "TCP", int(port["hostPort"]), _any(port), pod_ip, int(port["containerPort"]))
        for container in (*init_containers(pod), *main_containers(pod))
        for port in container.spec.get("ports") or ()
        if port.get("hostPort")
    ]


def _any(port: Mapping[str, Any]) -> str:
    address = port.get("hostIP") or ""
    return "" if address == "0.0.0.0" else address


def host_ports(pod: Pod) -> Iterable[HostPort]:
    """Yield (host address, protocol, port) of every host port a pod holds."""
    for container in (*init_containers(pod), *main_containers(pod)):
        for port in container.spec.get("ports") or ():
            number = port.get("hostPort") or (port.get("containerPort") if host_network(pod) else None)
            if number:
                yield port.get("hostIP") or "0.0.0.0", port.get("protocol") or "TCP", int(number)


def _clash(one: HostPort, other: HostPort) -> bool:
    if one[1:] != other[1:]:
        return False
    return one[0] == other[0] or "0.0.0.0" in (one[0], other[0])
