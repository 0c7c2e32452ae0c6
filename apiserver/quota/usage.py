"""What one object uses of the resources that quotas bound.

Every object counts as one of its kind (`count/pods`, `count/deployments.apps`); some kinds count as more. A name of a
quota that no kind tracks is never used. Pure: the same object always uses the same. What it needs of
the rules of pods is imported with the first pod that is counted (start-up time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from podwright.api import quantity
from podwright.api.quantity import Quantity

JSON = dict[str, Any]
Amounts = dict[str, Quantity]
Facts = Mapping[str, str | bool]

ONE: Final = quantity.parse("1")
NO_FACTS: Final[Facts] = {}
_ENDED: Final = frozenset({"Succeeded", "Failed"})
_HUGE_PAGES: Final = "hugepages-"
_REQUESTS: Final = "requests."
_NATIVE: Final = ("cpu", "memory", "ephemeral-storage")
_POD_NAMES: Final = frozenset(
    ("pods", *_NATIVE, *(f"{kind}.{name}" for kind in ("requests", "limits") for name in _NATIVE))
)
_OF_CLASS: Final = ".storageclass.storage.k8s.io/"
_CLAIM_NAMES: Final = ("persistentvolumeclaims", "requests.storage")
_SERVICE_NAMES: Final = frozenset(("services", "services.nodeports", "services.loadbalancers"))
_OLD_NAMES: Final = frozenset(("configmaps", "replicationcontrollers", "resourcequotas", "secrets"))
NEEDED: Final = frozenset(("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"))
"""What every container of a pod must state as soon as a quota bounds it."""


def tracked(qualified: str, names: Iterable[str]) -> frozenset[str]:
    """Those of a quota's names that objects of a resource can use."""
    own = f"count/{qualified}"
    known = _TRACKED.get(qualified)
    return frozenset(n for n in names if n == own or (known is not None and known(n)) or _is_old(qualified, n))


def _is_old(qualified: str, name: str) -> bool:
    """Some core kinds are also counted by their bare name."""
    return name == qualified and name in _OLD_NAMES


def usage(qualified: str, obj: JSON) -> Amounts:
    """What an object uses, by name of the bounded resource."""
    amounts: Amounts = {f"count/{qualified}": ONE}
    if qualified in _OLD_NAMES:
        amounts[qualified] = ONE
    of_kind = _USAGE.get(qualified)
    if of_kind is not None:
        amounts |= of_kind(obj)
    return amounts


def facts(qualified: str, obj: JSON) -> Facts:
    """What the scopes of a quota ask of an object; none for kinds that no scope concerns."""
    of_kind = _FACTS.get(qualified)
    return NO_FACTS if of_kind is None else of_kind(obj)


def unstated(qualified: str, obj: JSON, names: frozenset[str]) -> dict[str, list[str]]:
    """Which bounded resources containers of a pod do not state: name -> containers. Empty for other kinds."""
    missing: dict[str, list[str]] = {}
    if qualified != "pods":
        return missing
    spec: JSON = obj["spec"]
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        resources: JSON = container.get("resources") or {}
        for name in names & NEEDED:
            kind, _, resource = name.rpartition(".")
            if resource not in (resources.get(kind or "requests") or ()):
                missing.setdefault(name, []).append(container["name"])
    return missing


# -- pods


def _tracks_pod(name: str) -> bool:
    from podwright.apiserver.strategies.pod.resources import is_extended

    bare = name.removeprefix(_REQUESTS)
    extended = name.startswith(_REQUESTS) and "/" in name and is_extended(bare)
    return name in _POD_NAMES or bare.startswith(_HUGE_PAGES) or (extended and _OF_CLASS not in name)


def _pod(pod: JSON) -> Amounts:
    if (pod.get("status") or {}).get("phase") in _ENDED:
        return {}
    from podwright.apiserver.strategies.pod.resources import is_extended

    amounts: Amounts = {"pods": ONE}
    for name, amount in _pod_totals(pod, "requests").items():
        if name in _NATIVE or name.startswith(_HUGE_PAGES):
            amounts[name] = amounts[_REQUESTS + name] = amount
        elif is_extended(name):
            amounts[_REQUESTS + name] = amount
    for name, amount in _pod_totals(pod, "limits").items():
        if name in _NATIVE:
            amounts[f"limits.{name}"] = amount
    return amounts


def _pod_totals(pod: JSON, kind: str) -> Amounts:
    """The sum over a pod: its containers, what it states as a whole, its overhead, and what a resize has not freed."""
    from podwright.apiserver.strategies.pod.pod_resources import aggregate

    spec: JSON = _with_held(pod, kind)
    totals = {name: quantity.parse(amount) for name, amount in aggregate(spec, kind).items()}
    totals |= {n: quantity.parse(a) for n, a in ((spec.get("resources") or {}).get(kind) or {}).items()}
    for name, amount in (spec.get("overhead") or {}).items():
        if kind == "requests" or totals.get(name):
            totals[name] = quantity.add(totals.get(name) or "0", amount)
    return totals


def _with_held(pod: JSON, kind: str) -> JSON:
    """The spec with each container asking for at least what its node still keeps for it."""
    spec: JSON = pod["spec"]
    held = {
        status["name"]: amounts
        for part in ("containerStatuses", "initContainerStatuses")
        for status in (pod.get("status") or {}).get(part) or ()
        if (amounts := (status.get("resources") or {}).get(kind))
    }
    if not held:
        return spec
    parts = {part: [_raised(c, held, kind) for c in spec.get(part) or ()] for part in ("containers", "initContainers")}
    return {**spec, **parts}


def _raised(container: JSON, held: Mapping[str, JSON], kind: str) -> JSON:
    resources: JSON = container.get("resources") or {}
    wanted: JSON = resources.get(kind) or {}
    more = {
        name: amount
        for name, amount in held.get(container["name"], {}).items()
        if name in wanted and quantity.compare(amount, wanted[name]) > 0
    }
    return {**container, "resources": {**resources, kind: {**wanted, **more}}} if more else container


def _pod_facts(pod: JSON) -> Facts:
    from podwright.apiserver.strategies.pod.qos import qos_class

    spec: JSON = pod["spec"]
    deadline = spec.get("activeDeadlineSeconds")
    best_effort = qos_class(spec) == "BestEffort"
    return {
        "Terminating": deadline is not None,
        "NotTerminating": deadline is None,
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
        "PriorityClass": spec.get("priorityClassName") or "",
        "CrossNamespacePodAffinity": _looks_abroad(spec.get("affinity") or {}),
    }


def _looks_abroad(affinity: JSON) -> bool:
    """Tell whether a pod's (anti-)affinity concerns pods of other namespaces."""
    terms: list[JSON] = []
    for kind in ("podAffinity", "podAntiAffinity"):
        rules: JSON = affinity.get(kind) or {}
        terms += rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        preferred: list[JSON] = rules.get("preferredDuringSchedulingIgnoredDuringExecution") or []
        terms += [weighted.get("podAffinityTerm") or {} for weighted in preferred]
    return any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms)


# -- services and volume claims


def _service(service: JSON) -> Amounts:
    spec: JSON = service.get("spec") or {}
    kind, ports = spec.get("type"), spec.get("ports") or ()
    balanced = kind == "LoadBalancer"
    count = sum(bool(p.get("nodePort")) for p in ports) if balanced else len(ports) if kind == "NodePort" else 0
    amounts = {"services": ONE}
    if balanced:
        amounts["services.loadbalancers"] = ONE
    if count:
        amounts["services.nodeports"] = quantity.parse(str(count))
    return amounts


def _tracks_claim(name: str) -> bool:
    return name in _CLAIM_NAMES or (_OF_CLASS in name and name.rpartition("/")[2] in _CLAIM_NAMES)


def _claim(claim: JSON) -> Amounts:
    spec: JSON = claim.get("spec") or {}
    amounts: Amounts = {"persistentvolumeclaims": ONE}
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is not None:
        amounts["requests.storage"] = quantity.parse(storage)
    name = spec.get("storageClassName")
    if name:
        amounts |= {f"{name}{_OF_CLASS}{bare}": amount for bare, amount in amounts.items()}
    return amounts


_TRACKED: Final[Mapping[str, Callable[[str], bool]]] = {
    "pods": _tracks_pod,
    "services": _SERVICE_NAMES.__contains__,
    "persistentvolumeclaims": _tracks_claim,
}
_USAGE: Final[Mapping[str, Callable[[JSON], Amounts]]] = {
    "pods": _pod,
    "services": _service,
    "persistentvolumeclaims": _claim,
}
_FACTS: Final[Mapping[str, Callable[[JSON], Facts]]] = {
    "pods": _pod_facts,
    "persistentvolumeclaims": lambda c: {
        "VolumeAttributesClass": (c.get("spec") or {}).get("volumeAttributesClassName") or ""
    },
}
CHANGING: Final = frozenset(_USAGE)
"""Kinds whose use may grow while they live; the others are charged once."""
