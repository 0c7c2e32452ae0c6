"""Requests and limits of a pod as a whole: defaults from its containers, and consistency with them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from podwright.api import field_errors, quantity
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.resources import validate_requirements
from podwright.apiserver.strategies.quantities import canonical_amount

JSON = dict[str, Any]

_HUGE_PAGES = "hugepages-"


def default_pod_resources(spec: JSON) -> None:
    """Fill in pod-level huge-page limits and requests from what the containers ask for."""
    resources: JSON = spec["resources"]
    limits: JSON = resources.get("limits") or {}
    requests: JSON = resources.get("requests") or {}
    if limits or requests:
        for name, amount in aggregate(spec, "limits").items():
            if name.startswith(_HUGE_PAGES) and name not in requests:
                limits.setdefault(name, amount)
        if limits:
            resources["limits"] = limits
    if not limits:
        return
    for name, amount in aggregate(spec, "requests").items():
        if name in {"cpu", "memory"}:
            requests.setdefault(name, amount)
    for name, amount in limits.items():
        if _at_pod_level(name):
            requests.setdefault(name, amount)
    if requests:
        resources["requests"] = requests


def validate_pod_resources(errors: Errors, path: str, spec: JSON, claims: Collection[str]) -> None:
    """Check `spec.resources` and that containers stay within it."""
    resources: JSON = spec["resources"]
    where = f"{path}.resources"
    if (spec.get("os") or {}).get("name") == "windows":
        errors.append(field_errors.forbidden(where, "may not be set for a windows pod"))
        return
    if resources.get("claims"):
        detail = "claims may not be set for Resources at pod-level"
        errors.append(field_errors.forbidden(f"{where}.claims", detail))
    validate_requirements(errors, where, resources, claims, pod_level=True)
    requests: JSON = resources.get("requests") or {}
    limits: JSON = resources.get("limits") or {}
    for name, amount in aggregate(spec, "requests").items():
        if name in requests and quantity.compare(amount, requests[name]) > 0:
            detail = f"must be greater than or equal to aggregate container requests of {amount}"
            errors.append(field_errors.invalid(f"{where}.requests[{name}]", canonical_amount(requests[name]), detail))
    for name, amount in aggregate(spec, "limits").items():
        if name.startswith(_HUGE_PAGES) and name in limits and quantity.compare(amount, limits[name]) > 0:
            detail = f"must be greater than or equal to aggregate container limits of {amount}"
            errors.append(field_errors.invalid(f"{where}.limits[{name}]", canonical_amount(limits[name]), detail))
    for index, container in enumerate(spec.get("containers") or ()):
        for name, amount in _amounts(container, "limits").items():
            if name in limits and quantity.compare(amount, limits[name]) > 0:
                detail = f"must be less than or equal to pod limits of {canonical_amount(limits[name])}"
                field = f"{where}.containers[{index}][{name}].limits"
                errors.append(field_errors.invalid(field, canonical_amount(amount), detail))


def aggregate(spec: JSON, kind: str) -> dict[str, str]:
    """Return what the containers of a pod need at once: init containers one by one, sidecars throughout."""
    together: dict[str, str] = {}
    for container in spec.get("containers") or ():
        _add(together, _amounts(container, kind))
    sidecars: dict[str, str] = {}
    peak: dict[str, str] = {}
    for container in spec.get("initContainers") or ():
        own = _amounts(container, kind)
        if container.get("restartPolicy") == "Always":
            _add(together, own)
            _add(sidecars, own)
            step = dict(sidecars)
        else:
            step = dict(sidecars)
            _add(step, own)
        _raise(peak, step)
    _raise(together, peak)
    return together


def _at_pod_level(name: str) -> bool:
    return name in {"cpu", "memory"} or name.startswith(_HUGE_PAGES)


def _amounts(container: JSON, kind: str) -> dict[str, str]:
    return (container.get("resources") or {}).get(kind) or {}


def _add(total: dict[str, str], more: dict[str, str]) -> None:
    for name, amount in more.items():
        total[name] = str(quantity.add(total[name], amount)) if name in total else canonical_amount(amount)


def _raise(total: dict[str, str], other: dict[str, str]) -> None:
    for name, amount in other.items():
        if name not in total or quantity.compare(amount, total[name]) > 0:
            total[name] = amount
