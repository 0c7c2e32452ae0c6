"""Which pod and which port a proxied request is for. Pure but for the look-ups it is given; it never sends anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from podwright.api.errors import bad_request, not_found, service_unavailable

JSON = dict[str, Any]
Find = Callable[[str, str], JSON | None]
"""(plural, name) -> the object in the namespace of the request, or cluster-wide."""
_HTTP: Final = 80


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a request goes."""

    pod: JSON
    port: int


def split_name(plural: str, text: str) -> tuple[str, str]:
    """Take `name`, `name:port` or `scheme:name:port` apart into name and port. Raises ApiError 400."""
    parts = text.split(":")
    if len(parts) == 1:
        return text, ""
    scheme, name, port = parts if len(parts) == 3 else ("", *parts) if len(parts) == 2 else ("", "", "")
    if not name or scheme not in {"", "http", "https"}:
        raise bad_request(f'invalid {plural.removesuffix("s")} request "{text}"')
    if scheme == "https":
        raise bad_request("requests are passed on by http, not by https")
    return name, port


def choose(plural: str, text: str, find: Find) -> Backend:
    """Choose who answers for a pod or service. Raises ApiError 400, 404, 503."""
    name, port = split_name(plural, text)
    found = find(plural, name)
    if found is None:
        raise not_found(plural, name)
    if plural == "services":
        return _of_service(found, port, find)
    if plural == "nodes":
        raise service_unavailable("error trying to reach service: nodes have no API of their own")
    return _of_pod(found, port)


def _of_pod(pod: JSON, port: str) -> Backend:
    if port and not _is_port(port):
        raise bad_request(f'invalid port "{port}"')
    address = (pod.get("status") or {}).get("podIP") or ""
    if not _reachable(address):
        raise bad_request("address not allowed")
    return Backend(pod, int(port) if port else _first_port(pod))


def _reachable(address: str) -> bool:
    """Whether an address is a host's: nothing may be led to the loopback address of some machine, or to many."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def _first_port(pod: JSON) -> int:
    containers: Sequence[JSON] = pod["spec"].get("containers") or ()
    return next((each["ports"][0]["containerPort"] for each in containers if each.get("ports")), _HTTP)


def _of_service(service: JSON, port: str, find: Find) -> Backend:
    name, wanted = service["metadata"]["name"], port
    if port.isdigit():
        ports: Sequence[JSON] = service["spec"].get("ports") or ()
        numbered = next((each for each in ports if each["port"] == int(port)), None)
        if numbered is None:
            raise service_unavailable(f'no service port {port} found for service "{name}"')
        wanted = numbered.get("name") or ""
    endpoints = find("endpoints", name)
    if endpoints is None:
        raise not_found("endpoints", name)
    for subset in endpoints.get("subsets") or ():
        number = _named_port(subset, wanted)
        for address in subset.get("addresses") or ():
            target: Mapping[str, Any] = address.get("targetRef") or {}
            pod = find("pods", target.get("name") or "") if target.get("kind") == "Pod" else None
            if number and pod is not None:
                return Backend(pod, number)
    raise service_unavailable(f'no endpoints available for service "{name}"')


def _named_port(subset: JSON, name: str) -> int:
    ports: Sequence[JSON] = subset.get("ports") or ()
    return next((each["port"] for each in ports if (each.get("name") or "") == name), 0)


def _is_port(text: str) -> bool:
    return text.isdigit() and 0 < int(text) < 65536
