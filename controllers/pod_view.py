"""A pod as controllers see it: small, because a cluster has many, and immutable, because all controllers share it.

It must never decide; it only answers what the pod's status says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from podwright.api.times import parse_time
from podwright.controllers.daemon_nodes import pinned_to
from podwright.controllers.job_work import Work, work_of
from podwright.controllers.meta import Meta, meta_of

JSON = dict[str, Any]

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
FINISHED = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True)
class Toleration:
    """A toleration; `seconds` None means without end."""

    key: str
    operator: str
    value: str
    effect: str
    seconds: int | None


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A container port that a Service may refer to by name."""

    name: str
    protocol: str
    port: int


@dataclass(frozen=True, slots=True)
class PodView:
    """One pod. Times are aware UTC; `ready_since` is None unless the pod is Ready."""

    meta: Meta
    node: str = ""
    phase: str = "Pending"
    ready_since: datetime | None = None
    ready: bool = False
    ready_reason: str = ""  # of the Ready condition
    restarts: int = 0
    deletion_cost: int = 0
    ips: tuple[str, ...] = ()
    hostname: str = ""
    subdomain: str = ""
    ports: tuple[NamedPort, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    disrupted: bool = False  # carries a DisruptionTarget condition already
    disrupted_since: datetime | None = None  # the same, unless its node wrote it
    pinned: str = ""  # the node that its affinity names, of one that is not bound yet
    work: Work | None = None  # its part of a Job
    claims: tuple[str, ...] = ()  # the storage claims it mounts, those made for it among them

    @property
    def finished(self) -> bool:
        """Tell whether its containers have ended for good."""
        return self.phase in FINISHED

    @property
    def active(self) -> bool:
        """Tell whether it counts as a replica: neither finished nor on its way out."""
        return self.meta.deleted is None and self.phase not in FINISHED

    @property
    def terminating(self) -> bool:
        """Tell whether it is being deleted and still has something running."""
        return self.meta.deleted is not None and self.phase not in FINISHED

    def available_at(self, min_ready_seconds: int) -> datetime | None:
        """Return from when on the pod is available, or None while it is not Ready."""
        if not self.ready:
            return None
        since = self.ready_since or self.meta.created
        return since + timedelta(seconds=min_ready_seconds) if since else None


def pod_view(body: JSON) -> PodView:
    """Read a Pod object."""
    spec, status = body.get("spec") or {}, body.get("status") or {}
    listed, ips, tolerations = status.get("conditions"), status.get("podIPs"), spec.get("tolerations")
    conditions: dict[str, JSON] = {c["type"]: c for c in listed} if listed else {}
    ready = conditions.get("Ready")
    is_ready = ready is not None and ready.get("status") == "True"
    since = ready.get("lastTransitionTime") if ready and is_ready else None
    disruption = conditions.get("DisruptionTarget")
    return PodView(
        meta=meta_of(body, labels=True),
        node=spec.get("nodeName") or "",
        phase=status.get("phase") or "Pending",
        ready_since=parse_time(since) if since else None,
        ready=is_ready,
        ready_reason=(ready or {}).get("reason") or "",
        restarts=_restarts(status),
        deletion_cost=_cost(body["metadata"].get("annotations")),
        ips=tuple([ip["ip"] for ip in ips if ip.get("ip")]) if ips else (),
        hostname=spec.get("hostname") or "",
        subdomain=spec.get("subdomain") or "",
        ports=tuple(_named_ports(spec)),
        tolerations=tuple(map(_toleration, tolerations)) if tolerations else (),
        disrupted=disruption is not None and disruption.get("status") == "True",
        disrupted_since=_announced(disruption),
        pinned="" if spec.get("nodeName") or not spec.get("affinity") else pinned_to(spec),
        work=work_of(body),
        claims=tuple(_claims(body["metadata"]["name"], spec)) if spec.get("volumes") else (),
    )


def _restarts(status: JSON) -> int:
    started, prepared = status.get("containerStatuses"), status.get("initContainerStatuses")
    if not (started or prepared):
        return 0
    return max([s.get("restartCount") or 0 for s in (*(started or ()), *(prepared or ()))])


def _claims(name: str, spec: JSON) -> list[str]:
    found: list[str] = []
    for volume in spec.get("volumes") or ():
        if volume.get("persistentVolumeClaim"):
            found.append(volume["persistentVolumeClaim"].get("claimName") or "")
        elif volume.get("ephemeral"):
            found.append(f"{name}-{volume['name']}")
    return found


def _announced(disruption: JSON | None) -> datetime | None:
    if disruption is None or disruption.get("status") != "True" or disruption.get("reason") == "TerminationByKubelet":
        return None
    since = disruption.get("lastTransitionTime")
    return parse_time(since) if since else None


def _named_ports(spec: JSON) -> list[NamedPort]:
    sidecars = [c for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"]
    return [
        NamedPort(port["name"], port.get("protocol") or "TCP", port["containerPort"])
        for container in (*(spec.get("containers") or ()), *sidecars)
        if "ports" in container
        for port in container["ports"] or ()
        if port.get("name")
    ]


def _toleration(body: JSON) -> Toleration:
    return _shared_toleration(
        body.get("key") or "", body.get("operator") or "Equal", body.get("value") or "", body.get("effect") or "",
        body.get("tolerationSeconds"),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _shared_toleration(key: str, operator: str, value: str, effect: str, seconds: int | None) -> Toleration:
    return Toleration(key, operator, value, effect, seconds)  # a cluster has few, on very many pods


def _cost(annotations: Mapping[str, str] | None) -> int:
    text = (annotations or {}).get(DELETION_COST, "0")
    try:
        return int(text)
    except ValueError:
        return 0  # the API server admits any text; one that is no number has no say
