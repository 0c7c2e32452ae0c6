"""Endpoints of a Service: the older kind that says the same as EndpointSlices, kept for clients that read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from podwright.controllers.actions import NOTHING, Create, Delete, Patch, Plan
from podwright.controllers.endpoint_view import Backend, Port, backends, has_selector, headless
from podwright.controllers.endpointslice import HEADLESS
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import ENDPOINTS

JSON = dict[str, Any]

MANAGED_BY: Final = "endpoints.kubernetes.io/managed-by"
MANAGER: Final = "endpoint-controller"
_CAPACITY: Final = 1000
_OVER_CAPACITY: Final = "endpoints.kubernetes.io/over-capacity"


def reconcile(service: Whole | None, pods: Iterable[PodView], present: Whole | None) -> Plan:
    """Return the Endpoints to write; they end with their Service."""
    if service is None:
        if present is None or present.meta.labels.get(MANAGED_BY) != MANAGER:
            return NOTHING
        return Plan((Delete(ENDPOINTS, present.meta.namespace, present.meta.name, present.meta.uid),))
    if not has_selector(service) or service.meta.deleted is not None:
        return NOTHING
    found = [b for b in backends(service, pods) if b.pod.meta.deleted is None]
    subsets = _subsets(sorted(found, key=lambda b: not b.ready)[:_CAPACITY])
    labels = _labels(service)
    if present is None:
        body: JSON = {
            "apiVersion": "v1", "kind": "Endpoints", "subsets": subsets,
            "metadata": {"name": service.meta.name, "namespace": service.meta.namespace, "labels": labels},
        }  # fmt: skip
        return Plan((Create(ENDPOINTS, service.meta.namespace, body, existing_is_fine=True),))
    annotations = {_OVER_CAPACITY: "truncated" if len(found) > _CAPACITY else None}
    patch: JSON = {}
    if (present.body.get("subsets") or []) != subsets:
        patch["subsets"] = subsets
    meta: JSON = {}
    if changed := merge_diff(dict(present.meta.labels), labels):
        meta["labels"] = changed
    if present.annotations.get(_OVER_CAPACITY) != annotations[_OVER_CAPACITY]:
        meta["annotations"] = annotations
    if meta:
        patch["metadata"] = meta
    return Plan((Patch(ENDPOINTS, present.meta.namespace, present.meta.name, patch),)) if patch else NOTHING


def _subsets(found: Sequence[Backend]) -> list[JSON]:
    groups: dict[tuple[Port, ...], list[Backend]] = {}
    for backend in found:
        groups.setdefault(backend.ports, []).append(backend)
    subsets: list[JSON] = []
    for ports, members in sorted(groups.items(), key=lambda item: [str(p) for p in item[0]]):
        members.sort(key=lambda b: (b.ip, b.pod.meta.uid))
        subset: JSON = {}
        for field, chosen in (
            ("addresses", [b for b in members if b.ready]),
            ("notReadyAddresses", [b for b in members if not b.ready]),
        ):
            if chosen:
                subset[field] = [_address(b) for b in chosen]
        if ports:
            subset["ports"] = [{key: value for key, value in port.body().items() if value} for port in ports]
        subsets.append(subset)
    return subsets


def _address(backend: Backend) -> JSON:
    body: JSON = {"ip": backend.ip, "targetRef": backend.target()}
    if backend.pod.node:
        body["nodeName"] = backend.pod.node
    if backend.hostname:
        body["hostname"] = backend.hostname
    return body


def _labels(service: Whole) -> dict[str, str]:
    own = {MANAGED_BY: MANAGER}
    if headless(service):
        own[HEADLESS] = ""
    return {**service.meta.labels, **own}
