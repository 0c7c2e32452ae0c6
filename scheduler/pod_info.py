"""A pod as the scheduler sees it: the few facts that it reads, worked out once when the object arrives.

Keeping the whole object for every pod of a large cluster would cost ten times the memory. Instances are shared
between queue, snapshot and workers and must never be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from podwright.scheduler.company import Company, company_of
from podwright.scheduler.constraints import Constraints, constraints_of
from podwright.scheduler.identity import Identity, identity_of
from podwright.scheduler.requests import Requests, pod_requests

JSON = dict[str, Any]

DEFAULT_SCHEDULER = "default-scheduler"
Shape = tuple[Constraints, Requests, Identity, Company | None, tuple["ClaimUse", ...]]
_FINISHED = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True)
class ClaimUse:
    """A claim that a pod mounts. `owned`: it is made for this pod alone (an ephemeral volume)."""

    claim: str
    owned: bool


@dataclass(slots=True, eq=False)
class PodInfo:
    """One pod. `refusal` is the message of its PodScheduled=False condition ("" without one)."""

    namespace: str
    name: str
    uid: str
    generation: int
    node: str
    scheduler: str
    priority: int
    preempts: bool
    gated: bool
    finished: bool
    deleting: bool
    requests: Requests
    constraints: Constraints
    refusal: str
    identity: Identity
    company: Company | None = None
    nominated: str = ""  # the node that is held for it, as its status says
    started: str = ""  # since when it is there: its start, or its creation
    claims: tuple[ClaimUse, ...] = ()

    @property
    def key(self) -> str:
        """namespace/name."""
        return f"{self.namespace}/{self.name}"

    @property
    def shape(self) -> Shape:
        """What pods that get the same answer have in common."""
        return self.constraints, self.requests, self.identity, self.company, self.claims

    @property
    def waits(self) -> bool:
        """Tell whether it is the scheduler's turn to act on this pod."""
        return not (self.node or self.gated or self.deleting or self.finished) and self.scheduler == DEFAULT_SCHEDULER


def pod_info(pod: JSON) -> PodInfo:
    """Read a Pod object. Raises QuantityError on a malformed request (which the API server does not admit)."""
    meta, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    requests = pod_requests(spec, status)
    spread = spec.get("topologySpreadConstraints")
    return PodInfo(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta.get("uid", ""),
        generation=meta.get("generation", 0),
        node=spec.get("nodeName") or "",
        scheduler=spec.get("schedulerName") or DEFAULT_SCHEDULER,
        priority=spec.get("priority") or 0,
        preempts=spec.get("preemptionPolicy") != "Never",
        gated=bool(spec.get("schedulingGates")),
        finished=status.get("phase") in _FINISHED,
        deleting="deletionTimestamp" in meta,
        requests=requests,
        constraints=constraints_of(spec, requests),
        refusal=_refusal(status),
        identity=identity_of(meta["namespace"], meta.get("labels"), leaving="deletionTimestamp" in meta),
        company=company_of(meta["namespace"], spec) if "affinity" in spec or spread else None,
        nominated=status.get("nominatedNodeName") or "",
        started=status.get("startTime") or meta.get("creationTimestamp") or "",
        claims=_claims(meta["name"], spec["volumes"]) if spec.get("volumes") else (),
    )


def _claims(name: str, volumes: Sequence[JSON]) -> tuple[ClaimUse, ...]:
    found: dict[ClaimUse, None] = {}
    for volume in volumes:
        if "persistentVolumeClaim" in volume:
            found[ClaimUse(volume["persistentVolumeClaim"]["claimName"], owned=False)] = None
        elif "ephemeral" in volume:
            found[ClaimUse(f"{name}-{volume['name']}", owned=True)] = None
    return tuple(found)


def _refusal(status: JSON) -> str:
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return condition.get("message") or ""
    return ""
