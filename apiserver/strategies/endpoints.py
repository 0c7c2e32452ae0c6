"""The rules of Endpoints: addresses that traffic can reach, ports with names when there are several."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.spellings import ip_warnings
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class EndpointsStrategy(Strategy):
    """Endpoints: a PUT creates them."""

    allow_create_on_update: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in protocols."""
        for subset in obj.get("subsets") or ():
            for port in subset.get("ports") or ():
                if not port.get("protocol"):
                    port["protocol"] = "TCP"

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the subsets."""
        errors: Errors = []
        for index, subset in enumerate(obj.get("subsets") or ()):
            _validate_subset(errors, f"subsets[{index}]", subset)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with changed subsets; what was accepted once may stay."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        if obj.get("subsets") != old.get("subsets"):
            errors += self.validate_create(obj, ctx)
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of addresses in odd spellings."""
        return [
            text
            for index, subset in enumerate(obj.get("subsets") or ())
            for name in ("addresses", "notReadyAddresses")
            for position, address in enumerate(subset.get(name) or ())
            for text in ip_warnings(f"subsets[{index}].{name}[{position}].ip", address.get("ip") or "")
        ]


def _validate_subset(errors: Errors, path: str, subset: JSON) -> None:
    ready: Sequence[JSON] = subset.get("addresses") or ()
    waiting: Sequence[JSON] = subset.get("notReadyAddresses") or ()
    if not ready and not waiting:
        errors.append(field_errors.required(path, "must specify `addresses` or `notReadyAddresses`"))
    for name, addresses in (("addresses", ready), ("notReadyAddresses", waiting)):
        for index, address in enumerate(addresses):
            _validate_address(errors, f"{path}.{name}[{index}]", address)
    ports: Sequence[JSON] = subset.get("ports") or ()
    for index, port in enumerate(ports):
        _validate_port(errors, f"{path}.ports[{index}]", port, named=len(ports) > 1)


def _validate_address(errors: Errors, path: str, address: JSON) -> None:
    value = address.get("ip") or ""
    formats.ip_address(errors, f"{path}.ip", value)
    if address.get("hostname"):
        formats.dns_label(errors, f"{path}.hostname", address["hostname"])
    node = address.get("nodeName")
    if node is not None:
        formats.dns_subdomain(errors, f"{path}.nodeName", node)
    formats.endpoint_ip(errors, f"{path}.ip", value)


def _validate_port(errors: Errors, path: str, port: JSON, *, named: bool) -> None:
    name = port.get("name")
    if name:
        formats.dns_label(errors, f"{path}.name", name)
    elif named:
        errors.append(field_errors.required(f"{path}.name"))
    formats.port_number(errors, f"{path}.port", port.get("port") or 0)
    formats.protocol(errors, f"{path}.protocol", port.get("protocol"))
    protocol = port.get("appProtocol")
    if protocol is not None:
        formats.qualified_name(errors, f"{path}.appProtocol", protocol)
