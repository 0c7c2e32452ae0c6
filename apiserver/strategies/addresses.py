"""The rules of IPAddresses and ServiceCIDRs: what may be an address or a range, in the one spelling it has."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import ipaddress

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.quoting import quote
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_IMMUTABLE = "field is immutable"
_PARENT = (("Group", "group", ""), ("Resource", "resource", ""), ("Namespace", "namespace", ""), ("Name", "name", ""))


class IPAddressStrategy(Strategy):
    """Addresses in use, named by themselves."""

    def validate_name(self, name: str) -> list[str]:
        """The name is an address in its one spelling."""
        return canonical_ip(name)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the reference to the address's user."""
        errors: Errors = []
        parent = (obj.get("spec") or {}).get("parentRef")
        if parent is None:
            return [field_errors.required("spec.parentRef")]
        path = "spec.parentRef"
        if parent.get("group"):
            formats.dns_subdomain(errors, f"{path}.group", parent["group"])
        for key in ("resource", "name"):
            value = parent.get(key) or ""
            if not value:
                errors.append(field_errors.required(f"{path}.{key}"))
            formats.complain(errors, f"{path}.{key}", value, names.path_segment(value))
        namespace = parent.get("namespace") or ""
        formats.complain(errors, f"{path}.namespace", namespace, names.path_segment(namespace))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change: the user."""
        errors = meta.repeated_on_update(obj, old, namespaced=False, name_rule=canonical_ip)
        parent = (obj.get("spec") or {}).get("parentRef")
        if parent != (old.get("spec") or {}).get("parentRef"):
            text = "null" if parent is None else shown.members(parent, _PARENT)
            errors.append(shown.ShownError("Invalid", "spec.parentRef", text, _IMMUTABLE))
        return errors


class ServiceCIDRStrategy(Strategy):
    """Ranges for services: what is there never changes, a second IP family may join."""

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status."""
        obj["status"] = {}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status."""
        keep(obj, old, "status")

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the ranges."""
        return _validate_ranges((obj.get("spec") or {}).get("cidrs") or [])

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change."""
        errors = meta.repeated_on_update(obj, old, namespaced=False, name_rule=names.dns1123_subdomain)
        ranges: list[str] = (obj.get("spec") or {}).get("cidrs") or []
        before: list[str] = (old.get("spec") or {}).get("cidrs") or []
        grows = len(before) == 1 and len(ranges) == 2
        if len(ranges) != len(before) and not grows:
            errors.append(field_errors.invalid("spec.cidrs", ranges, _IMMUTABLE))
            return errors
        for index, (value, was) in enumerate(zip(ranges, before, strict=False)):
            if value != was:
                errors.append(field_errors.invalid(f"spec.cidrs[{index}]", value, _IMMUTABLE))
        return errors + (_validate_ranges(ranges) if grows else [])


def _validate_ranges(ranges: list[str]) -> Errors:
    errors: Errors = []
    path = "spec.cidrs"
    if not ranges:
        return [field_errors.required(path, "at least one CIDR required")]
    if len(ranges) > 2:
        text = shown.compact({"CIDRs": ranges})
        return [shown.ShownError("Invalid", path, text, "may only hold up to 2 values")]
    for index, value in enumerate(ranges):
        formats.complain(errors, f"{path}[{index}]", value, canonical_network(value))
    if len(ranges) == 2 and not errors and (":" in ranges[0]) is (":" in ranges[1]):
        detail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
        errors.append(field_errors.invalid(path, ranges, detail))
    return errors


def canonical_ip(value: str) -> list[str]:
    """List what is wrong with an address that must be in its one spelling."""
    problems = names.ip_address(value)
    if problems:
        return problems
    address = str(ipaddress.ip_address(value))
    return [] if address == value else [f"must be in canonical form ({quote(address)})"]


def canonical_network(value: str) -> list[str]:
    """List what is wrong with a range that must be in its one spelling."""
    problems = names.cidr(value)
    if problems:
        return problems
    network = str(ipaddress.ip_network(value))
    return [] if network == value else [f"must be in canonical form ({quote(network)})"]
