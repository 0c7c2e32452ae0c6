"""The table of endpoint slices."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import AGE, JSON, NAME, UNSET, Cells, Column, Printer, age, first_few, name


def _cells(endpoint_slice: JSON, now: datetime) -> Cells:
    ports = [_port(port) for port in endpoint_slice.get("ports") or []]
    endpoints = endpoint_slice.get("endpoints") or []
    addresses = [address for endpoint in endpoints for address in endpoint.get("addresses") or []]
    return [
        name(endpoint_slice),
        endpoint_slice.get("addressType") or "",
        first_few(ports, UNSET),
        first_few(addresses, UNSET),
        age(endpoint_slice, now),
    ]


def _port(port: JSON) -> str:
    if port.get("port") is not None:
        return str(port["port"])
    return port["name"] if port.get("name") is not None else "*"


PRINTER = Printer(
    (
        NAME,
        Column("AddressType", "The kind of the slice's addresses."),
        Column("Ports", "The ports each endpoint offers."),
        Column("Endpoints", "The endpoints' addresses."),
        AGE,
    ),
    _cells,
)
