"""The part of a pod that decides which nodes it may go to at all, apart from how much it requests.

Pods made from one template share one `Constraints` object (same identity), so whatever is derived from it (which
nodes qualify, in which order) is worked out once per template, not once per pod. It must never hold state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from podwright.scheduler.requests import Requests

JSON = dict[str, Any]

ANY_IP = "0.0.0.0"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One expression of a node selector term. `values` are strings as given; Gt and Lt compare integers."""

    key: str
    operator: str
    values: tuple[str, ...]

    def holds(self, value: str | None) -> bool:
        """Tell whether a label (None: absent) satisfies the expression."""
        if self.operator == "In":
            return value is not None and value in self.values
        if self.operator == "NotIn":
            return value is None or value not in self.values
        if self.operator == "Exists":
            return value is not None
        if self.operator == "DoesNotExist":
            return value is None
        return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        if value is None or len(self.values) != 1:
            return False
        try:
            have, bound = int(value), int(self.values[0])
        except ValueError:
            return False
        return have > bound if self.operator == "Gt" else self.operator == "Lt" and have < bound

    def __str__(self) -> str:
        if self.operator in {"Exists", "DoesNotExist"}:
            return self.key if self.operator == "Exists" else f"!{self.key}"
        return f"{self.key} {self.operator} ({', '.join(self.values)})"


@dataclass(frozen=True, slots=True)
class Term:
    """A node selector term: all expressions over labels and all over fields must hold. An empty one matches nothing."""

    labels: tuple[Requirement, ...]
    fields: tuple[Requirement, ...]

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        """Tell whether a node qualifies."""
        if not self.labels and not self.fields:
            return False
        for requirement in self.labels:
            if not requirement.holds(labels.get(requirement.key)):
                return False
        return all(r.key == "metadata.name" and r.holds(name) for r in self.fields)

    def __str__(self) -> str:
        return " and ".join(str(r) for r in (*self.labels, *self.fields)) or "nothing"


@dataclass(frozen=True, slots=True)
class Taint:
    """A node's taint."""

    key: str
    value: str
    effect: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True, slots=True)
class Toleration:
    """A pod's toleration; an empty effect or key stands for every one."""

    key: str
    operator: str
    value: str
    effect: str

    def covers(self, taint: Taint) -> bool:
        """Tell whether the taint is tolerated."""
        if self.effect and self.effect != taint.effect:
            return False
        if self.key and self.key != taint.key:
            return False
        if self.operator == "Exists":
            return True
        return bool(self.key) and self.operator in {"", "Equal"} and self.value == taint.value


@dataclass(frozen=True, slots=True)
class HostPort:
    """A port that a pod wants on its node."""

    ip: str
    protocol: str
    port: int

    def clashes(self, other: HostPort) -> bool:
        """Tell whether both cannot be served on one node."""
        if self.port != other.port or self.protocol != other.protocol:
            return False
        return self.ip == other.ip or ANY_IP in {self.ip, other.ip}

    def __str__(self) -> str:
        return f"{self.port}/{self.protocol}" if self.ip == ANY_IP else f"{self.ip}:{self.port}/{self.protocol}"


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """Everything in a pod's spec but the amounts that a filter or a score reads. Compare by identity."""

    selector: tuple[tuple[str, str], ...]
    required: tuple[Term, ...] | None  # None: no required affinity; (): one that nothing satisfies
    preferred: tuple[tuple[int, Term], ...]
    tolerations: tuple[Toleration, ...]
    ports: tuple[HostPort, ...]
    scalars: tuple[str, ...]  # names of the extended resources it requests

    @property
    def selects(self) -> bool:
        """Tell whether it asks for labels (or names) of nodes."""
        return bool(self.selector) or self.required is not None

    def tolerates(self, taint: Taint) -> bool:
        """Tell whether any toleration covers the taint."""
        return any(t.covers(taint) for t in self.tolerations)


def constraints_of(spec: JSON, requests: Requests) -> Constraints:
    """Return the constraints of a pod's spec: the same object for equal specs while it is in use lately."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity")
    scalars = [name for name, _ in requests.scalars]
    parts = [spec.get("nodeSelector"), affinity, spec.get("tolerations"), _host_ports(spec), scalars]
    return _parse(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=4096)
def _parse(key: bytes) -> Constraints:
    selector, affinity, tolerations, ports, scalars = orjson.loads(key)
    affinity = affinity or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return Constraints(
        selector=tuple((selector or {}).items()),
        required=None if required is None else node_terms(required.get("nodeSelectorTerms")),
        preferred=tuple(
            (int(p["weight"]), _term(p.get("preference") or {}))
            for p in affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        ),
        tolerations=tuple(
            Toleration(t.get("key") or "", t.get("operator") or "", t.get("value") or "", t.get("effect") or "")
            for t in tolerations or ()
        ),
        ports=tuple(HostPort(*p) for p in ports),
        scalars=tuple(scalars),
    )


def node_terms(terms: Sequence[JSON] | None) -> tuple[Term, ...]:
    """Return the terms of a node selector."""
    return tuple(_term(term) for term in terms or ())


def _term(term: JSON) -> Term:
    return Term(_requirements(term.get("matchExpressions")), _requirements(term.get("matchFields")))


def _requirements(expressions: Sequence[JSON] | None) -> tuple[Requirement, ...]:
    return tuple(Requirement(e["key"], e["operator"], tuple(e.get("values") or ())) for e in expressions or ())


def _host_ports(spec: JSON) -> list[tuple[str, str, int]]:
    """Return (ip, protocol, port) of every host port, init containers that keep running included."""
    ports: list[tuple[str, str, int]] = []
    sidecars = [c for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"]
    for container in (*(spec.get("containers") or ()), *sidecars):
        for port in container.get("ports") or ():
            host_port = port.get("hostPort")
            if host_port:
                ports.append((port.get("hostIP") or ANY_IP, port.get("protocol") or "TCP", host_port))
    return ports
