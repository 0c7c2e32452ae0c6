"""ClusterIPs and node ports of Services: unique in the cluster, taken and given back in the Service's own txn.

Each value in use is one key in the store, written together with the Service. So several servers never give the
same value to two Services, and nothing leaks when one crashes. Values are chosen at random: in a range that is not
nearly full that almost always hits a free one, and a taken one is simply drawn again. An IPAddress object beside each
ClusterIP shows whose it is; nothing is decided by it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Any

from podwright.api.errors import ApiError, FieldError, invalid, invalid_field
from podwright.api.times import format_time
from podwright.apiserver.cache.feed import ROOT
from podwright.apiserver.cache.item import encode_value
from podwright.apiserver.registry.core import NO_CLAIMS, Claims
from podwright.apiserver.registry.metadata import new_uid

JSON = dict[str, Any]
_ADDRESSES = f"{ROOT}ipaddresses.networking.k8s.io/"
_IPS = "/allocations/clusterips/"
_PORTS = "/allocations/nodeports/"
_NODE_PORT_TYPES = frozenset(("NodePort", "LoadBalancer"))


class ServiceClaimer:
    """`Claimer` for Services."""

    def __init__(
        self,
        cidr: str,
        first_port: int,
        last_port: int,
        *,
        choose: random.Random | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._network = IPv4Network(cidr)
        self._first, self._last = first_port, last_port
        self._now = now
        self._random = choose or random.Random()  # noqa: S311 - no secret

    def claim(self, obj: JSON | None, old: JSON | None) -> Claims:
        """Fill in ClusterIP and node ports. Raises ApiError 422 for values outside the ranges."""
        held = _keys(old)
        if obj is None:
            return Claims({}, tuple(held), mirror=self._shown({}, held, old or {}))
        refuse: dict[str, Callable[[], None]] = {}
        self._cluster_ip(obj, old, refuse)
        self._node_ports(obj, refuse)
        wanted = _keys(obj)
        take = {k: refuse[k] for k in wanted if k not in held}
        give = tuple(k for k in held if k not in wanted)
        return Claims(take, give, mirror=self._shown(take, give, obj)) if take or give else NO_CLAIMS

    def _shown(self, take: Iterable[str], give: Iterable[str], service: JSON) -> dict[str, bytes | None]:
        """The IPAddress objects that come and go with what is taken and given back."""
        gone: dict[str, bytes | None] = {_address_key(key): None for key in give if key.startswith(_IPS)}
        for key in take:
            if key.startswith(_IPS):
                gone[_address_key(key)] = encode_value(_address(key.removeprefix(_IPS), service, self._now()))
        return gone

    def _cluster_ip(self, obj: JSON, old: JSON | None, refuse: dict[str, Callable[[], None]]) -> None:
        spec: JSON = obj["spec"]
        if spec.get("type") == "ExternalName":
            return
        ip = spec.get("clusterIP") or ""
        if not ip and old is not None and old["spec"].get("clusterIP") not in {None, "", "None"}:
            ip = old["spec"]["clusterIP"]
        if ip == "None":
            spec["clusterIPs"] = ["None"]
            return
        if ip:
            self._check_ip(obj, ip)
            spec["clusterIP"], spec["clusterIPs"] = ip, [ip]
            refuse[_IPS + ip] = _refuser(obj, _taken_ip(ip))
            return
        ip = self._free_ip()
        spec["clusterIP"], spec["clusterIPs"] = ip, [ip]

        def forget() -> None:
            spec.pop("clusterIP", None)
            spec.pop("clusterIPs", None)

        refuse[_IPS + ip] = forget

    def _free_ip(self) -> str:
        # The first addresses are left to those who choose for themselves (DNS, the API's own Service).
        size = self._network.num_addresses
        reserved = min(max(16, size // 16), 256)
        low = reserved if size > 2 * reserved else 1
        return str(self._network.network_address + self._random.randrange(low, size - 1))

    def _check_ip(self, obj: JSON, ip: str) -> None:
        try:
            address = ip_address(ip)
        except ValueError:
            return  # the strategy's validation words that
        if not isinstance(address, IPv4Address) or address not in self._network:
            why = f"failed to allocate IP {ip}: the provided network does not match the current range"
            raise _invalid(obj, [invalid_field("spec.clusterIPs", [ip], why)])

    def _node_ports(self, obj: JSON, refuse: dict[str, Callable[[], None]]) -> None:
        spec: JSON = obj["spec"]
        kind = spec.get("type")
        if kind not in _NODE_PORT_TYPES:
            return
        allocate = kind == "NodePort" or spec.get("allocateLoadBalancerNodePorts", True)
        ports: list[JSON] = spec.get("ports") or []
        for i, port in enumerate(ports):
            number = port.get("nodePort")
            if number:
                self._check_port(obj, f"spec.ports[{i}].nodePort", number)
                taken = FieldError("Invalid", f"spec.ports[{i}].nodePort", number, "provided port is already allocated")
                refuse.setdefault(f"{_PORTS}{number}", _refuser(obj, taken))
            elif allocate:
                self._draw(port, "nodePort", refuse)
        if kind == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local":
            number = spec.get("healthCheckNodePort")
            if number:
                self._check_port(obj, "spec.healthCheckNodePort", number)
                taken = FieldError("Invalid", "spec.healthCheckNodePort", number, "provided port is already allocated")
                refuse.setdefault(f"{_PORTS}{number}", _refuser(obj, taken))
            else:
                self._draw(spec, "healthCheckNodePort", refuse)

    def _draw(self, place: JSON, key: str, refuse: dict[str, Callable[[], None]]) -> None:
        number = self._random.randint(self._first, self._last)
        while f"{_PORTS}{number}" in refuse:
            number = self._random.randint(self._first, self._last)
        place[key] = number
        refuse[f"{_PORTS}{number}"] = lambda: place.pop(key, None)

    def _check_port(self, obj: JSON, field: str, number: int) -> None:
        if not self._first <= number <= self._last:
            why = f"provided port is not in the valid range. The range of valid ports is {self._first}-{self._last}"
            raise _invalid(obj, [invalid_field(field, number, why)])


def _keys(service: JSON | None) -> dict[str, None]:
    """The keys of everything a Service holds."""
    keys: dict[str, None] = {}
    if service is None:
        return keys
    spec: JSON = service.get("spec") or {}
    for ip in spec.get("clusterIPs") or [spec.get("clusterIP")]:
        if ip and ip != "None":
            keys[_IPS + ip] = None
    for port in spec.get("ports") or ():
        if port.get("nodePort"):
            keys[f"{_PORTS}{port['nodePort']}"] = None
    if spec.get("healthCheckNodePort"):
        keys[f"{_PORTS}{spec['healthCheckNodePort']}"] = None
    return keys


def _address_key(key: str) -> str:
    return _ADDRESSES + key.removeprefix(_IPS)


def _address(ip: str, service: JSON, now: datetime) -> JSON:
    """The IPAddress that shows whose an address is."""
    metadata = service["metadata"]
    return {
        "kind": "IPAddress",
        "apiVersion": "networking.k8s.io/v1",
        "metadata": {
            "name": ip,
            "uid": new_uid(),
            "creationTimestamp": format_time(now),
            "labels": {
                "ipaddress.kubernetes.io/ip-family": "IPv6" if ":" in ip else "IPv4",
                "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
            },
        },
        "spec": {
            "parentRef": {
                "resource": "services",
                "namespace": metadata.get("namespace", ""),
                "name": metadata.get("name", ""),
            }
        },
    }


def _taken_ip(ip: str) -> FieldError:
    return invalid_field("spec.clusterIPs", [ip], f"failed to allocate IP {ip}: provided IP is already allocated")


def _refuser(obj: JSON, error: FieldError) -> Callable[[], None]:
    def refuse() -> None:
        raise _invalid(obj, [error])

    return refuse


def _invalid(obj: JSON, errors: list[FieldError]) -> ApiError:
    return invalid("", "Service", obj["metadata"].get("name", ""), errors)
