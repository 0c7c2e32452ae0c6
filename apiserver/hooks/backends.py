"""Which programs answer for a service, and how they are reached: at an address, or on the node that runs their pod.

Pure but for the look-ups it is given. It must never choose one of several itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from podwright.api.resources import find
from podwright.apiserver.hooks.target import ServiceTarget
from podwright.apiserver.strategy import Lookup

JSON = dict[str, Any]
_SERVICES, _ENDPOINTS, _PODS = find("services"), find("endpoints"), find("pods")
_SLICES: Final = find("endpointslices", "discovery.k8s.io")
_OWNER: Final = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Backend:
    """One that answers. With a `pod` it is reached through that pod's node, if there is a way there."""

    host: str
    port: int
    pod: JSON | None = None


def backends_of(target: ServiceTarget, lookup: Lookup) -> list[Backend]:
    """All that answer for a service. Raises ValueError saying why there are none."""
    service = lookup.get(_SERVICES, target.name, target.namespace)
    if service is None:
        msg = f'service "{target.name}" not found'
        raise ValueError(msg)
    spec: JSON = service.get("spec") or {}
    port = next((each for each in spec.get("ports") or () if each["port"] == target.port), None)
    if spec.get("type") == "ExternalName":
        return [Backend(spec.get("externalName") or "", target.port)]
    if port is None:
        msg = f'no service port {target.port} found for service "{target.name}"'
        raise ValueError(msg)
    name = port.get("name") or ""
    found = list(_in_slices(target, name, lookup)) or list(_in_endpoints(target, name, lookup))
    if not found:
        msg = f'no endpoints available for service "{target.name}"'
        raise ValueError(msg)
    return found


def _in_slices(target: ServiceTarget, port: str, lookup: Lookup) -> Iterator[Backend]:
    for each in lookup.list(_SLICES, target.namespace):
        if (each["metadata"].get("labels") or {}).get(_OWNER) != target.name:
            continue
        number = _port(each.get("ports") or (), port)
        for endpoint in each.get("endpoints") or () if number else ():
            if (endpoint.get("conditions") or {}).get("ready") is not False and endpoint.get("addresses"):
                pod = _pod(endpoint.get("targetRef"), target, lookup)
                yield Backend(endpoint["addresses"][0], number, pod)


def _in_endpoints(target: ServiceTarget, port: str, lookup: Lookup) -> Iterator[Backend]:
    found = lookup.get(_ENDPOINTS, target.name, target.namespace) or {}
    for subset in found.get("subsets") or ():
        number = _port(subset.get("ports") or (), port)
        for address in subset.get("addresses") or () if number else ():
            yield Backend(address["ip"], number, _pod(address.get("targetRef"), target, lookup))


def _port(ports: list[JSON] | tuple[()], name: str) -> int:
    return next((each.get("port") or 0 for each in ports if (each.get("name") or "") == name), 0)


def _pod(reference: JSON | None, target: ServiceTarget, lookup: Lookup) -> JSON | None:
    if not reference or reference.get("kind") != "Pod":
        return None
    return lookup.get(_PODS, reference.get("name") or "", target.namespace)
