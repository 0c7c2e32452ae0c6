"""The table of services."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import (
    AGE,
    JSON,
    NAME,
    NONE,
    Cells,
    Column,
    Printer,
    age,
    name,
    pairs,
    section,
)  # fmt: skip


def _cells(service: JSON, now: datetime) -> Cells:
    spec = section(service, "spec")
    return [
        name(service),
        spec.get("type") or "",
        (spec.get("clusterIPs") or [NONE])[0],
        _external(spec, section(service, "status")),
        ",".join(map(_port, spec.get("ports") or [])) or NONE,
        age(service, now),
        pairs(spec.get("selector")),
    ]


def _port(port: JSON) -> str:
    numbers = f"{port.get('port')}:{port['nodePort']}" if port.get("nodePort") else str(port.get("port"))
    return f"{numbers}/{port.get('protocol') or 'TCP'}"


def _external(spec: JSON, status: JSON) -> str:
    """Where the service can be reached from outside."""
    fixed: list[str] = spec.get("externalIPs") or []
    match spec.get("type"):
        case "ClusterIP" | "NodePort":
            return ",".join(fixed) or NONE
        case "LoadBalancer":
            ingress = (status.get("loadBalancer") or {}).get("ingress") or []
            given = sorted({place.get("ip") or place.get("hostname") or "" for place in ingress} - {""})
            return ",".join([*given, *fixed]) or "<pending>"
        case "ExternalName":
            return spec.get("externalName") or ""
        case _:
            return "<unknown>"


PRINTER = Printer(
    (
        NAME,
        Column("Type", "How the service can be reached."),
        Column("Cluster-IP", "The service's address inside the cluster."),
        Column("External-IP", "Where the service can be reached from outside."),
        Column("Port(s)", "The service's ports, with node ports after a colon."),
        AGE,
        Column("Selector", "Which pods the service leads to.", priority=1),
    ),
    _cells,
)
