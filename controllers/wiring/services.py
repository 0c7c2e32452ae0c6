"""What wakes the controllers of EndpointSlices and Endpoints: Services, their pods, and what was written for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from podwright.api.labels import Selector
from podwright.controllers import endpoints, endpointslice, endpointslice_mirroring
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import NAMESPACE, SERVICE, Caches
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.endpoint_view import has_selector
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import reference

JSON = dict[str, Any]


def slices(caches: Caches, workers: int) -> Controller:
    """Return the EndpointSlice controller."""

    def decide(key: str, look: Look) -> Plan:
        service = caches.services.get(key)
        if service is None:
            return NOTHING  # its slices are garbage: they are owned by it
        present = caches.endpoint_slices.by_index(SERVICE, service.meta.uid)
        zones = {node.meta.name: zone for node in caches.nodes.list() if (zone := endpointslice.zone_of(node))}
        return endpointslice.reconcile(service, _pods(caches, service), present, zones, look.now)

    return Controller(
        name="endpoint-slice-controller",
        triggers=(
            Trigger(caches.services, own_key),
            Trigger(caches.pods, _by_pod(caches)),
            Trigger(caches.endpoint_slices, _owner_of_a_slice("Service")),
        ),
        decide=decide,
        subject=_subject(caches),
        workers=workers,
    )


def mirrored(caches: Caches, workers: int) -> Controller:
    """Return the controller of slices that repeat Endpoints."""

    def decide(key: str, _: Look) -> Plan:
        written = caches.endpoints.get(key)
        if written is None:
            return NOTHING  # its slices are garbage: they are owned by it
        present = caches.endpoint_slices.by_index(SERVICE, written.meta.uid)
        return endpointslice_mirroring.reconcile(written, caches.services.get(key), present)

    return Controller(
        name="endpoint-slice-mirroring-controller",
        triggers=(
            Trigger(caches.endpoints, own_key),
            Trigger(caches.services, own_key),
            Trigger(caches.endpoint_slices, _owner_of_a_slice("Endpoints")),
        ),
        decide=decide,
        subject=_subject(caches),
        workers=workers,
    )


def older(caches: Caches, workers: int) -> Controller:
    """Return the Endpoints controller."""

    def decide(key: str, _: Look) -> Plan:
        service = caches.services.get(key)
        return endpoints.reconcile(service, _pods(caches, service) if service else (), caches.endpoints.get(key))

    return Controller(
        name="endpoint-controller",
        triggers=(
            Trigger(caches.services, own_key),
            Trigger(caches.pods, _by_pod(caches)),
            Trigger(caches.endpoints, own_key),
        ),
        decide=decide,
        subject=_subject(caches),
        workers=workers,
    )


def _owner_of_a_slice(kind: str) -> Callable[[Any, Any], Iterator[str]]:
    def keys(old: Whole | None, new: Whole | None) -> Iterator[str]:
        for piece in (old, new):
            owner = piece.meta.controller if piece is not None else None
            if piece is not None and owner is not None and owner.kind == kind:
                yield f"{piece.meta.namespace}/{owner.name}"

    return keys


def _pods(caches: Caches, service: Whole) -> list[PodView]:
    selector = Selector.from_map(service.spec.get("selector"))
    return [p for p in caches.pods.by_index(NAMESPACE, service.meta.namespace) if selector.matches(p.meta.labels)]


def _by_pod(caches: Caches) -> Callable[[Any, Any], Iterator[str]]:
    def keys(old: PodView | None, new: PodView | None) -> Iterator[str]:
        if _facts(old) == _facts(new):
            return
        pods = [pod for pod in (old, new) if pod is not None]
        for service in caches.services.by_index(NAMESPACE, pods[0].meta.namespace):
            if has_selector(service):
                selector = Selector.from_map(service.spec["selector"])
                if any(selector.matches(pod.meta.labels) for pod in pods):
                    yield service.meta.key

    return keys


def _facts(pod: PodView | None) -> object:
    """Return what of a pod shows in endpoints; None where it is in none."""
    if pod is None or not pod.ips or pod.finished:
        return None
    meta = pod.meta
    return (meta.uid, meta.labels, meta.deleted is None, pod.ready, pod.ips, pod.node, pod.hostname, pod.subdomain)


def _subject(caches: Caches) -> Callable[[str], JSON | None]:
    def subject(key: str) -> JSON | None:
        service = caches.services.get(key)
        return reference("v1", "Service", service.meta) if service is not None else None

    return subject
