"""The tables of the networking group."""

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
    label_selector,
    name,
    section,
)  # fmt: skip

_MOST_HOSTS = 3


def _ingress(ingress: JSON, now: datetime) -> Cells:
    spec = section(ingress, "spec")
    places = (section(ingress, "status").get("loadBalancer") or {}).get("ingress") or []
    return [
        name(ingress),
        spec.get("ingressClassName") or NONE,
        _hosts(spec.get("rules") or []),
        ",".join(sorted({place.get("ip") or place.get("hostname") or "" for place in places} - {""})),
        "80, 443" if spec.get("tls") else "80",
        age(ingress, now),
    ]


def _hosts(rules: list[JSON]) -> str:
    """The first three hosts; rules without a host count as more once there are three."""
    hosts: list[str] = []
    for rule in rules:
        if len(hosts) == _MOST_HOSTS:
            return f"{','.join(hosts)} + {len(rules) - _MOST_HOSTS} more..."
        if rule.get("host"):
            hosts.append(rule["host"])
    return ",".join(hosts) or "*"


def _ingress_class(row: JSON, now: datetime) -> Cells:
    spec = section(row, "spec")
    parameters, shown = spec.get("parameters"), NONE
    if parameters:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") is not None else ""
        shown = f"{parameters.get('kind') or ''}{group}/{parameters.get('name') or ''}"
    return [name(row), spec.get("controller") or "", shown, age(row, now)]


def _address(row: JSON, now: datetime) -> Cells:
    parent: JSON | None = section(row, "spec").get("parentRef")
    shown = ""
    if parent:
        resource = ".".join(part for part in (parent.get("resource"), parent.get("group")) if part).lower()
        shown = "/".join(part for part in (resource, parent.get("namespace"), parent.get("name")) if part)
    return [name(row), shown, age(row, now)]


INGRESS = Printer(
    (
        NAME,
        Column("Class", "The class whose controller acts on it."),
        Column("Hosts", "The hosts it has rules for."),
        Column("Address", "Where requests arrive."),
        Column("Ports", "The ports on which requests arrive."),
        AGE,
    ),
    _ingress,
)
INGRESS_CLASS = Printer(
    (
        NAME,
        Column("Controller", "Who acts on ingresses of this class."),
        Column("Parameters", "The object with the controller's settings."),
        AGE,
    ),
    _ingress_class,
)
NETWORK_POLICY = Printer(
    (NAME, Column("Pod-Selector", "Which pods it is for."), AGE),
    lambda obj, now: [name(obj), label_selector(section(obj, "spec").get("podSelector")) or NONE, age(obj, now)],
)
IP_ADDRESS = Printer((NAME, Column("ParentRef", "Who uses the address."), AGE), _address)
SERVICE_CIDR = Printer(
    (NAME, Column("CIDRs", "The ranges."), AGE),
    lambda obj, now: [name(obj), ",".join(section(obj, "spec").get("cidrs") or []), age(obj, now)],
)
