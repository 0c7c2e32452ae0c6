"""Requests and limits turned into cgroup settings: a container's, and the pod's sums around them.

cpu shares are the request's milli-cpus * 1024 / 1000 (at least 2), the quota is the limit's share of each 100 ms
period (at least 1 ms), memory is the limit. Without a request, the limit is the request; without either, shares are 2
and there is no quota. The pod's cgroup has a limit only where each of its containers has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podwright.agent.pods.ports import Limits
from podwright.agent.pods.spec import Pod, Role, init_containers, main_containers, qos_class
from podwright.api import quantity

MIN_SHARES = 2
MAX_SHARES = 262_144
PERIOD_US = 100_000
MIN_QUOTA_US = 1_000
NO_QUOTA = -1

_OOM_GUARANTEED = -997
_OOM_BEST_EFFORT = 1000


def shares(milli_cpu: int) -> int:
    """Return cpu.shares for a request in thousandths of a core."""
    return min(max(milli_cpu * 1024 // 1000, MIN_SHARES), MAX_SHARES) if milli_cpu else MIN_SHARES


def quota(milli_cpu: int) -> int:
    """Return cpu.cfs_quota_us for a limit in thousandths of a core; -1 without one."""
    return max(milli_cpu * PERIOD_US // 1000, MIN_QUOTA_US) if milli_cpu else NO_QUOTA


def amounts(container: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return a container's requests or limits."""
    return (container.get("resources") or {}).get(kind) or {}


def request(container: Mapping[str, Any], name: str) -> Any:
    """Return a container's request; the limit stands in where there is none. None without either."""
    requested = amounts(container, "requests").get(name)
    return amounts(container, "limits").get(name) if requested is None else requested


def container_limits(container: Mapping[str, Any]) -> Limits:
    """Return the cgroup settings of one new container; the kernel's own default is "no quota"."""
    limits = amounts(container, "limits")
    memory = limits.get("memory")
    return Limits(
        cpu_shares=shares(_milli(request(container, "cpu"))),
        cpu_quota_us=quota(_milli(limits["cpu"])) if "cpu" in limits else None,
        cpu_period_us=PERIOD_US,
        memory_bytes=quantity.whole(memory) if memory else None,
    )


def pod_limits(pod: Pod) -> Limits:
    """Return the settings of the cgroup around a pod's containers."""
    own: Mapping[str, Any] = {"resources": pod["spec"].get("resources") or {}}
    cpu = _milli(request(own, "cpu")) or effective(pod, "requests", "cpu", milli=True)
    cpu_limit = _milli(amounts(own, "limits").get("cpu"))
    memory_limit = amounts(own, "limits").get("memory")
    if not cpu_limit and _all_have(pod, "cpu"):
        cpu_limit = effective(pod, "limits", "cpu", milli=True)
    memory = quantity.whole(memory_limit) if memory_limit else 0
    if not memory and _all_have(pod, "memory"):
        memory = effective(pod, "limits", "memory")
    return Limits(
        cpu_shares=shares(cpu), cpu_quota_us=quota(cpu_limit), cpu_period_us=PERIOD_US, memory_bytes=memory or None
    )


def effective(pod: Pod, kind: str, name: str, *, milli: bool = False) -> int:
    """Return what a pod needs of a resource at its peak, overhead included: in units, or thousandths.

    Main containers and sidecars add up; an init container adds to the sidecars before it, and the larger of both
    counts.
    """

    def value(container: Mapping[str, Any]) -> int:
        amount = request(container, name) if kind == "requests" else amounts(container, kind).get(name)
        return (_milli if milli else _whole)(amount)

    sidecars = 0
    peak = 0
    for c in init_containers(pod):
        if c.role is Role.SIDECAR:
            sidecars += value(c.spec)
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + value(c.spec))
    total = max(sidecars + sum(value(c.spec) for c in main_containers(pod)), peak)
    overhead: Mapping[str, Any] = pod["spec"].get("overhead") or {}
    return total + (_milli if milli else _whole)(overhead.get(name))


def pod_requests(pod: Pod) -> dict[str, int]:
    """Return all that a pod asks for: cpu in thousandths, everything else in units."""
    own: Mapping[str, Any] = (pod["spec"].get("resources") or {}).get("requests") or {}
    names = {name for c in _specs(pod) for kind in ("requests", "limits") for name in amounts(c, kind)} | set(own)
    found: dict[str, int] = {}
    for name in names:
        milli = name == "cpu"
        if name in own:
            found[name] = (_milli if milli else _whole)(own[name])
        else:
            found[name] = effective(pod, "requests", name, milli=milli)
    return found


def oom_score_adj(pod: Pod, container: Mapping[str, Any], memory_capacity: int) -> int:
    """Return how readily the kernel kills a container when the node is out of memory."""
    if (pod["spec"].get("priority") or 0) >= 2_000_000_000:
        return _OOM_GUARANTEED
    qos = qos_class(pod)
    if qos == "Guaranteed":
        return _OOM_GUARANTEED
    if qos == "BestEffort" or not memory_capacity:
        return _OOM_BEST_EFFORT
    requested = _whole(request(container, "memory"))
    score = 1000 - 1000 * requested // memory_capacity
    return min(max(score, 1000 + _OOM_GUARANTEED), _OOM_BEST_EFFORT - 1)


def _all_have(pod: Pod, name: str) -> bool:
    return all(amounts(c, "limits").get(name) for c in _specs(pod))


def _specs(pod: Pod) -> Sequence[Mapping[str, Any]]:
    return [c.spec for c in (*init_containers(pod), *main_containers(pod))]


def _milli(amount: Any) -> int:
    return quantity.milli(amount) if amount is not None else 0


def _whole(amount: Any) -> int:
    return quantity.whole(amount) if amount is not None else 0


def total(pods: Iterable[Pod]) -> dict[str, int]:
    """Return the sum of what several pods ask for."""
    sums: dict[str, int] = {}
    for pod in pods:
        for name, amount in pod_requests(pod).items():
            sums[name] = sums.get(name, 0) + amount
    return sums
