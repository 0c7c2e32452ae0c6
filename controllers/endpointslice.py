"""EndpointSlices of a Service: its pods' addresses, in pieces of at most a hundred.

An address stays in the slice it is in, so that a change of one pod is a change of one slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from podwright.api.times import format_time
from podwright.controllers.actions import NOTHING, Create, Delete, Patch, Plan, Step
from podwright.controllers.endpoint_view import Backend, Port, backends, has_selector, headless
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import controller_owner
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import ENDPOINT_SLICES

JSON = dict[str, Any]

SERVICE_NAME: Final = "kubernetes.io/service-name"
MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"
MANAGER: Final = "endpointslice-controller.k8s.io"
HEADLESS: Final = "service.kubernetes.io/headless"
_TRIGGER: Final = "endpoints.kubernetes.io/last-change-trigger-time"
_ZONE: Final = "topology.kubernetes.io/zone"
FULL: Final = 100

_Group = tuple[str, tuple[Port, ...]]


def ours(obj: Whole) -> bool:
    """Tell whether a slice is kept by this controller."""
    return obj.meta.labels.get(MANAGED_BY) == MANAGER


def reconcile(
    service: Whole, pods: Iterable[PodView], slices: Sequence[Whole], zones: Mapping[str, str], now: datetime
) -> Plan:
    """Return the slices to write; `slices` are those of this Service, `zones` the nodes' topology zones."""
    if not has_selector(service) or service.meta.deleted is not None:
        return NOTHING
    wanted: dict[_Group, dict[tuple[str, str], Backend]] = {}
    for backend in backends(service, pods):
        wanted.setdefault((backend.family, backend.ports), {})[backend.key] = backend
    if not wanted:
        families = service.spec.get("ipFamilies") or ["IPv4"]
        wanted = {(family, ()): {} for family in families}  # an empty slice says: nobody, and that is known
    mine = [s for s in slices if ours(s) and s.meta.deleted is None]
    steps: list[Step] = []
    for group, members in wanted.items():
        steps += _fill(service, group, members, [s for s in mine if _group_of(s) == group], zones, now)
    steps += [
        Delete(ENDPOINT_SLICES, s.meta.namespace, s.meta.name, s.meta.uid)
        for s in mine
        if _group_of(s) not in wanted
    ]  # fmt: skip
    return Plan(tuple(steps))


def _fill(
    service: Whole, group: _Group, members: Mapping[tuple[str, str], Backend], have: Sequence[Whole],
    zones: Mapping[str, str], now: datetime,
) -> list[Step]:  # fmt: skip
    left = dict(members)
    kept: list[tuple[Whole, list[Backend]]] = []
    for piece in have:
        present = [left.pop(key) for key in map(_key_of, piece.body.get("endpoints") or ()) if key in left]
        kept.append((piece, present))
    for _, present in kept:
        while left and len(present) < FULL:
            present.append(left.pop(next(iter(left))))
    steps: list[Step] = []
    nobody = not any(present for _, present in kept)
    for index, (piece, present) in enumerate(kept):
        if present or (nobody and index == 0):
            steps += _changed(service, piece, group, present, zones, now)
        else:
            steps.append(Delete(ENDPOINT_SLICES, piece.meta.namespace, piece.meta.name, piece.meta.uid))
    rest = list(left.values())
    pieces = [rest[i : i + FULL] for i in range(0, len(rest), FULL)] or ([] if kept else [[]])
    steps += [_created(service, group, piece, zones, now) for piece in pieces]
    return steps


def _changed(
    service: Whole, piece: Whole, group: _Group, present: Sequence[Backend], zones: Mapping[str, str], now: datetime
) -> list[Step]:
    body = _content(service, group, present, zones)
    have = {key: piece.body.get(key) or [] for key in ("endpoints", "ports")}
    difference = merge_diff(have, {key: body[key] for key in ("endpoints", "ports")})
    labels = merge_diff(dict(piece.meta.labels), _labels(service))
    if not difference and not labels:
        return []
    meta: JSON = {"uid": piece.meta.uid, "annotations": {_TRIGGER: format_time(now)}}
    if labels:
        meta["labels"] = labels
    return [Patch(ENDPOINT_SLICES, piece.meta.namespace, piece.meta.name, {"metadata": meta, **difference})]


def _created(
    service: Whole, group: _Group, present: Sequence[Backend], zones: Mapping[str, str], now: datetime
) -> Create:
    meta: JSON = {
        "generateName": f"{service.meta.name}-",
        "namespace": service.meta.namespace,
        "labels": _labels(service),
        "annotations": {_TRIGGER: format_time(now)},
        "ownerReferences": [controller_owner("v1", "Service", service.meta).reference()],
    }
    body: JSON = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta}
    return Create(ENDPOINT_SLICES, service.meta.namespace, {**body, **_content(service, group, present, zones)})


def _content(service: Whole, group: _Group, present: Sequence[Backend], zones: Mapping[str, str]) -> JSON:
    anyway = bool(service.spec.get("publishNotReadyAddresses"))
    return {
        "addressType": group[0],
        "endpoints": [_endpoint(backend, zones, anyway=anyway) for backend in present],
        "ports": [port.body() for port in group[1]],
    }


def _endpoint(backend: Backend, zones: Mapping[str, str], *, anyway: bool) -> JSON:
    pod = backend.pod
    body: JSON = {
        "addresses": [backend.ip],
        "conditions": {
            "ready": backend.ready,
            "serving": anyway or pod.ready,
            "terminating": pod.meta.deleted is not None,
        },
        "targetRef": backend.target(),
    }
    if pod.node:
        body["nodeName"] = pod.node
        if zones.get(pod.node):
            body["zone"] = zones[pod.node]
    if backend.hostname:
        body["hostname"] = backend.hostname
    return body


def zone_of(node: Whole) -> str:
    """Return a node's topology zone, "" without one."""
    return node.meta.labels.get(_ZONE, "")


def _labels(service: Whole) -> dict[str, str]:
    own = {SERVICE_NAME: service.meta.name, MANAGED_BY: MANAGER}
    if headless(service):
        own[HEADLESS] = ""
    return {**service.meta.labels, **own}


def _group_of(piece: Whole) -> _Group:
    return piece.body.get("addressType", "IPv4"), tuple(map(Port.read, piece.body.get("ports") or ()))


def _key_of(endpoint: JSON) -> tuple[str, str]:
    return (endpoint.get("targetRef") or {}).get("uid", ""), (endpoint.get("addresses") or [""])[0]
