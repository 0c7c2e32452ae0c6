"""Which pods a Service reaches, on which ports: the common ground of EndpointSlices and Endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from podwright.api.labels import Selector
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Port:
    """A port as endpoints carry it."""

    name: str
    protocol: str
    port: int
    app_protocol: str = ""

    @classmethod
    def read(cls, body: JSON) -> Port:
        """Read the JSON of either kind."""
        return cls(
            body.get("name") or "", body.get("protocol") or "TCP", body.get("port") or 0, body.get("appProtocol") or ""
        )

    def body(self) -> JSON:
        """Return the JSON of both kinds."""
        found: JSON = {"name": self.name, "protocol": self.protocol, "port": self.port}
        if self.app_protocol:
            found["appProtocol"] = self.app_protocol
        return found


@dataclass(frozen=True, slots=True)
class Backend:
    """One address of one pod, with the ports that the Service's ports mean on this pod."""

    ip: str
    family: str  # IPv4 or IPv6
    pod: PodView
    ports: tuple[Port, ...]
    ready: bool  # to be sent new connections
    hostname: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells backends of a Service apart."""
        return self.pod.meta.uid, self.ip

    def target(self) -> JSON:
        """Return the reference to the pod."""
        meta = self.pod.meta
        return {"kind": "Pod", "namespace": meta.namespace, "name": meta.name, "uid": meta.uid}


def has_selector(service: Whole) -> bool:
    """Tell whether the endpoints of this Service are for controllers to find."""
    return bool(service.spec.get("selector")) and service.spec.get("type") != "ExternalName"


def headless(service: Whole) -> bool:
    """Tell whether the Service has no address of its own."""
    return service.spec.get("clusterIP") in {"None", ""}


def backends(service: Whole, pods: Iterable[PodView]) -> list[Backend]:
    """Return what the Service's selector matches and has an address, terminating pods included."""
    selector = Selector.from_map(service.spec.get("selector"))
    families: list[str] = service.spec.get("ipFamilies") or ["IPv4"]
    anyway = bool(service.spec.get("publishNotReadyAddresses"))
    found: list[Backend] = []
    for pod in pods:
        if pod.finished or not pod.ips or not selector.matches(pod.meta.labels):
            continue
        ready = anyway or (pod.ready and pod.meta.deleted is None)
        hostname = pod.hostname if pod.subdomain == service.meta.name else ""
        ports = _ports(service, pod)
        for ip in pod.ips:
            family = "IPv6" if ":" in ip else "IPv4"
            if family in families:
                found.append(Backend(ip, family, pod, ports, ready, hostname))
    return sorted(found, key=lambda backend: backend.key)


def _ports(service: Whole, pod: PodView) -> tuple[Port, ...]:
    found: list[Port] = []
    for port in service.spec.get("ports") or ():
        protocol = port.get("protocol") or "TCP"
        number = _target(port.get("targetPort") or port["port"], protocol, pod)
        if number is not None:
            found.append(Port(port.get("name") or "", protocol, number, port.get("appProtocol") or ""))
    return tuple(found)


def _target(target: int | str, protocol: str, pod: PodView) -> int | None:
    if isinstance(target, int):
        return target
    for port in pod.ports:
        if (port.name, port.protocol) == (target, protocol):
            return port.port
    return int(target) if target.isdecimal() else None
