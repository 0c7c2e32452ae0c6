"""What a pod needs: the effective resource requests that the scheduler counts for it.

The rules (sidecars, init containers, overhead, pod-level requests, in-place resize) are those of the API. This module
must never look at a node and must never guess: what is not requested counts zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podwright.api import quantity

JSON = dict[str, Any]
Amounts = dict[str, int]

CPU = "cpu"
MEMORY = "memory"
EPHEMERAL = "ephemeral-storage"
PODS = "pods"


@dataclass(frozen=True, slots=True)
class Requests:
    """Effective requests: cpu in millicores, memory and ephemeral storage in bytes, other resources in whole units."""

    cpu: int = 0
    memory: int = 0
    ephemeral: int = 0
    scalars: tuple[tuple[str, int], ...] = ()  # sorted by name, never zero


def amount(resource: str, value: str | float) -> int:
    """Return a quantity as an integer: millicores for cpu, whole units (rounded up) for everything else."""
    return quantity.milli(value) if resource == CPU else quantity.whole(value)


def amounts(values: Mapping[str, Any] | None) -> Amounts:
    """Return a resource list as integers. Raises QuantityError."""
    return {name: amount(name, value) for name, value in values.items()} if values else {}


def pod_requests(spec: JSON, status: JSON | None = None) -> Requests:
    """Return what the pod occupies: the larger of its running set and of each init step, plus overhead.

    `status` matters while a container is resized in place: until the node has let go, the larger of what is allocated
    and what is wanted is occupied. Raises QuantityError.
    """
    allocated = _allocated(status)
    total: Amounts = {}
    for container in spec.get("containers") or ():
        _add(total, _container(container, allocated))
    if spec.get("initContainers"):
        _raise_to(total, _init_peak(spec["initContainers"], total, allocated))
    pod_level = (spec.get("resources") or {}).get("requests")
    if pod_level:
        total.update(amounts(pod_level))
    if spec.get("overhead"):
        _add(total, amounts(spec["overhead"]))
    return Requests(
        cpu=total.pop(CPU, 0),
        memory=total.pop(MEMORY, 0),
        ephemeral=total.pop(EPHEMERAL, 0),
        scalars=tuple(sorted((k, v) for k, v in total.items() if v)) if total else (),
    )


def _init_peak(init_containers: Sequence[JSON], total: Amounts, allocated: Mapping[str, Amounts]) -> Amounts:
    """Return the peak while init containers run; adds the sidecars' requests to `total` on the way."""
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in init_containers:
        wanted = _container(container, allocated)
        if container.get("restartPolicy") == "Always":
            _add(total, wanted)
            _add(sidecars, wanted)
            _raise_to(peak, sidecars)
        else:
            step = dict(sidecars)
            _add(step, wanted)
            _raise_to(peak, step)
    return peak


def _container(container: JSON, allocated: Mapping[str, Amounts]) -> Amounts:
    wanted = amounts((container.get("resources") or {}).get("requests"))
    held = allocated.get(container["name"]) if allocated else None
    if held:
        _raise_to(wanted, held)
    return wanted


def _allocated(status: JSON | None) -> dict[str, Amounts]:
    if not status:
        return {}
    statuses = (*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ()))
    return {s["name"]: amounts(s["allocatedResources"]) for s in statuses if s.get("allocatedResources")}


def _add(total: Amounts, more: Amounts) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def _raise_to(total: Amounts, floor: Amounts) -> None:
    for name, value in floor.items():
        if total.get(name, 0) < value:
            total[name] = value
