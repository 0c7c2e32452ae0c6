"""A pod fits where what it requests is not taken yet. What it does not request is not looked at."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.requests import CPU, EPHEMERAL, MEMORY


def fits(pod: PodInfo, node: NodeInfo) -> bool:
    """Tell whether `refuse` would be empty; made for speed."""
    requests, facts = pod.requests, node.facts
    if node.free_pods < 1 or (requests.memory and node.free_memory < requests.memory):
        return False
    if requests.cpu and facts.cpu - node.used_cpu < requests.cpu:
        return False
    if requests.ephemeral and node.free_ephemeral < requests.ephemeral:
        return False
    return all(node.free_scalar(name) >= value for name, value in requests.scalars)


def refuse(pod: PodInfo, node: NodeInfo) -> Refusals:
    """Refuse nodes with too little left of anything that is requested, each with the numbers."""
    refusals: list[Refusal] = []
    if node.free_pods < 1:
        detail = f"{len(node.pods)} of {node.facts.pods} pods are there"
        refusals.append(Refusal("Too many pods", detail, curable=node.facts.pods > 0))
    for name, wanted, free, total in _accounts(pod, node):
        if wanted and wanted > free:
            show = _UNITS.get(name, str)
            detail = f"{name}: requests {show(wanted)}, free {show(free)} of {show(total)}, {show(wanted - free)} short"
            refusals.append(Refusal(f"Insufficient {name}", detail, curable=wanted <= total))
    return tuple(refusals)


def _accounts(pod: PodInfo, node: NodeInfo) -> Iterator[tuple[str, int, int, int]]:
    """Yield (resource, wanted, free, allocatable)."""
    requests, facts = pod.requests, node.facts
    yield CPU, requests.cpu, facts.cpu - node.used_cpu, facts.cpu
    yield MEMORY, requests.memory, node.free_memory, facts.memory
    yield EPHEMERAL, requests.ephemeral, node.free_ephemeral, facts.ephemeral
    for name, wanted in requests.scalars:
        yield name, wanted, node.free_scalar(name), facts.scalars.get(name, 0)


def _show_cpu(milli: int) -> str:
    return f"{milli // 1000}" if milli % 1000 == 0 else f"{milli}m"


def _show_bytes(count: int) -> str:
    for power, unit in ((40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")):
        if count and count % (1 << power) == 0:
            return f"{count >> power}{unit}"
    return str(count)


_UNITS = {CPU: _show_cpu, MEMORY: _show_bytes, EPHEMERAL: _show_bytes}
