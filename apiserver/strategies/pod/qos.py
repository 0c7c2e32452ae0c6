"""A pod's quality-of-service class, computed from requests and limits of cpu and memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from podwright.apiserver.strategies.quantities import milli_of

JSON = dict[str, Any]

_RESOURCES = ("cpu", "memory")


def qos_class(spec: JSON) -> str:
    """Return "Guaranteed", "Burstable" or "BestEffort"."""
    whole = spec.get("resources")
    if whole is None:
        return _classify([*(spec.get("containers") or ()), *(spec.get("initContainers") or ())])
    return _classify([spec], only_when_limited=True)


def _classify(parts: Iterable[JSON], *, only_when_limited: bool = False) -> str:
    requests = dict.fromkeys(_RESOURCES, 0)
    limits = dict.fromkeys(_RESOURCES, 0)
    guaranteed = True
    for part in parts:
        resources: JSON = part.get("resources") or {}
        wanted: JSON = resources.get("requests") or {}
        allowed: JSON = resources.get("limits") or {}
        limited = 0
        for name in _RESOURCES:
            if name in wanted:
                requests[name] += max(milli_of(wanted[name]), 0)
            if name in allowed:
                amount = max(milli_of(allowed[name]), 0)
                limits[name] += amount
                limited += amount > 0
        if limited < len(_RESOURCES) and (allowed or not only_when_limited):
            guaranteed = False
    if not any(requests.values()) and not any(limits.values()):
        return "BestEffort"
    asked = {name: amount for name, amount in requests.items() if amount}
    if guaranteed and asked == {name: amount for name, amount in limits.items() if amount}:
        return "Guaranteed"
    return "Burstable"
