"""The table of endpoints."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import AGE, JSON, NAME, NONE, Cells, Column, Printer, age, first_few, name


def _cells(endpoints: JSON, now: datetime) -> Cells:
    subsets = endpoints.get("subsets") or []
    shown = [place for subset in subsets for place in _places(subset)]
    return [name(endpoints), first_few(shown, "" if subsets else NONE), age(endpoints, now)]


def _places(subset: JSON) -> list[str]:
    """Every ready address with every port; the addresses alone if there are no ports."""
    addresses: list[str] = [address.get("ip") or "" for address in subset.get("addresses") or []]
    ports = subset.get("ports") or []
    if not ports:
        return addresses
    return [_join(address, port.get("port") or 0) for port in ports for address in addresses]


def _join(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


PRINTER = Printer((NAME, Column("Endpoints", "The ready addresses with their ports."), AGE), _cells)
