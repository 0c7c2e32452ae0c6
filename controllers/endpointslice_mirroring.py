"""EndpointSlices that repeat Endpoints which somebody wrote by hand, for a Service without a selector.

Readers look at slices alone; who still writes the older kind is heard this way. It must never touch what the
controller of a Service with a selector keeps.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any, Final

from podwright.controllers.actions import NOTHING, Create, Delete, Patch, Plan, Step
from podwright.controllers.endpoint_view import Port
from podwright.controllers.endpointslice import FULL, MANAGED_BY, SERVICE_NAME
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import controller_owner
from podwright.controllers.resources import ENDPOINT_SLICES

JSON = dict[str, Any]

MANAGER: Final = "endpointslicemirroring-controller.k8s.io"
SKIP: Final = "endpointslice.kubernetes.io/skip-mirror"
_LEADER: Final = "control-plane.alpha.kubernetes.io/leader"  # Endpoints that are only a lock
_NOT_REPEATED: Final = frozenset(
    {"endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration"}
)
_MOST: Final = 1000  # addresses of one subset

_Group = tuple[str, tuple[Port, ...]]


def reconcile(endpoints: Whole, service: Whole | None, slices: Sequence[Whole]) -> Plan:
    """Return the slices to write; `slices` are those that these Endpoints own."""
    if endpoints.meta.deleted is not None:
        return NOTHING
    mine = [s for s in slices if s.meta.labels.get(MANAGED_BY) == MANAGER and s.meta.deleted is None]
    wanted = _pieces(endpoints) if service is not None and _mirrored(endpoints, service) else []
    meta = _meta(endpoints)
    steps: list[Step] = []
    for group, members in wanted:
        content = {"endpoints": members, "ports": [port.body() for port in group[1]]}
        piece = next((s for s in mine if _group_of(s) == group), None)
        if piece is None:
            steps.append(_created(endpoints, group[0], content, meta))
        else:
            mine.remove(piece)
            steps += _changed(piece, content, meta)
    steps += [Delete(ENDPOINT_SLICES, s.meta.namespace, s.meta.name, s.meta.uid) for s in mine]
    return Plan(tuple(steps))


def _mirrored(endpoints: Whole, service: Whole) -> bool:
    by_hand = not service.spec.get("selector") and service.meta.deleted is None
    return by_hand and endpoints.meta.labels.get(SKIP) != "true" and _LEADER not in endpoints.annotations


def _pieces(endpoints: Whole) -> list[tuple[_Group, list[JSON]]]:
    groups: dict[_Group, dict[tuple[str, str], JSON]] = {}
    for subset in endpoints.body.get("subsets") or ():
        ports = tuple(map(Port.read, subset.get("ports") or ()))
        ready = [(address, True) for address in subset.get("addresses") or ()]
        unready = [(address, False) for address in subset.get("notReadyAddresses") or ()]
        for address, is_ready in (ready + unready)[:_MOST]:
            group = ("IPv6" if ":" in address["ip"] else "IPv4", ports)
            key = (address["ip"], (address.get("targetRef") or {}).get("uid", ""))
            groups.setdefault(group, {}).setdefault(key, _endpoint(address, ready=is_ready))
    pieces: list[tuple[_Group, list[JSON]]] = []
    for group, members in groups.items():
        every = [members[key] for key in sorted(members)]
        pieces += [(group, every[i : i + FULL]) for i in range(0, len(every), FULL)]
    return pieces


def _endpoint(address: JSON, *, ready: bool) -> JSON:
    copied = {name: address[name] for name in ("hostname", "nodeName", "targetRef") if address.get(name)}
    return {"addresses": [str(ipaddress.ip_address(address["ip"]))], "conditions": {"ready": ready}, **copied}


def _meta(endpoints: Whole) -> JSON:
    return {
        "labels": {**endpoints.meta.labels, SERVICE_NAME: endpoints.meta.name, MANAGED_BY: MANAGER},
        "annotations": {k: v for k, v in endpoints.annotations.items() if k not in _NOT_REPEATED},
    }


def _created(endpoints: Whole, family: str, content: JSON, meta: JSON) -> Create:
    own: JSON = {
        "generateName": f"{endpoints.meta.name}-",
        "namespace": endpoints.meta.namespace,
        "ownerReferences": [controller_owner("v1", "Endpoints", endpoints.meta).reference()],
    }
    body: JSON = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {**own, **meta}}
    return Create(ENDPOINT_SLICES, endpoints.meta.namespace, {**body, "addressType": family, **content})


def _changed(piece: Whole, content: JSON, meta: JSON) -> list[Step]:
    have = {key: piece.body.get(key) or [] for key in content}
    difference = merge_diff(have, content)
    changed = merge_diff({"labels": dict(piece.meta.labels), "annotations": dict(piece.annotations)}, meta)
    if not difference and not changed:
        return []
    body = {"metadata": {"uid": piece.meta.uid, **changed}, **difference}
    return [Patch(ENDPOINT_SLICES, piece.meta.namespace, piece.meta.name, body)]


def _group_of(piece: Whole) -> _Group:
    return piece.body.get("addressType", "IPv4"), tuple(map(Port.read, piece.body.get("ports") or ()))
