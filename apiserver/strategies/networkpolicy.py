"""The rules of NetworkPolicies: well-formed selectors, ports and ranges of addresses."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, selectors
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.spellings import cidr_warnings
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, set_generation, spec_changed

_TYPES = ("Ingress", "Egress")
_DIRECTIONS = (("ingress", "from"), ("egress", "to"))


class NetworkPolicyStrategy(Strategy):
    """Policies: generation counts changes of the spec."""

    def default(self, obj: JSON) -> None:
        """Fill in the protocol of ports, and which directions the policy restricts."""
        spec: JSON = obj.setdefault("spec", {})
        spec.setdefault("podSelector", {})
        for direction, _ in _DIRECTIONS:
            for rule in spec.get(direction) or ():
                for port in rule.get("ports") or ():
                    if port.get("protocol") is None:
                        port["protocol"] = "TCP"
        if not spec.get("policyTypes"):
            spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1."""
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the spec."""
        raise_generation(obj, old, changed=spec_changed(obj, old))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        return _validate(obj.get("spec") or {}, frozenset())

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed policy; ranges it had before are accepted again."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        return errors + _validate(obj.get("spec") or {}, frozenset(_ranges(old.get("spec") or {})))

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of ranges in odd spellings."""
        found: list[str] = []
        for direction, side in _DIRECTIONS:
            for index, rule in enumerate((obj.get("spec") or {}).get(direction) or ()):
                for number, peer in enumerate(rule.get(side) or ()):
                    block: JSON = peer.get("ipBlock") or {}
                    where = f"spec.{direction}[{index}].{side}[{number}].ipBlock"
                    found += cidr_warnings(f"{where}.cidr", block.get("cidr") or "")
                    for position, part in enumerate(block.get("except") or ()):
                        found += cidr_warnings(f"{where}.except[{position}]", part)
        return found


def _ranges(spec: JSON) -> Iterator[str]:
    for direction, side in _DIRECTIONS:
        for rule in spec.get(direction) or ():
            for peer in rule.get(side) or ():
                block: JSON = peer.get("ipBlock") or {}
                yield block.get("cidr") or ""
                yield from block.get("except") or ()


def _validate(spec: JSON, known: frozenset[str]) -> Errors:
    errors: Errors = []
    selectors.validate(errors, "spec.podSelector", spec.get("podSelector"))
    for direction, side in _DIRECTIONS:
        for index, rule in enumerate(spec.get(direction) or ()):
            path = f"spec.{direction}[{index}]"
            for number, port in enumerate(rule.get("ports") or ()):
                _validate_port(errors, f"{path}.ports[{number}]", port)
            for number, peer in enumerate(rule.get(side) or ()):
                _validate_peer(errors, f"{path}.{side}[{number}]", peer, known)
    types = spec.get("policyTypes") or []
    if len(types) > len(_TYPES):
        detail = "may not specify more than two policyTypes"
        errors.append(field_errors.invalid("spec.policyTypes", types, detail))
        return errors
    for index, value in enumerate(types):
        if value not in _TYPES:
            errors.append(field_errors.not_supported(f"spec.policyTypes[{index}]", value, _TYPES))
    return errors


def _validate_port(errors: Errors, path: str, port: JSON) -> None:
    protocol, number, last = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol is not None and protocol not in formats.PROTOCOLS:
        errors.append(field_errors.not_supported(f"{path}.protocol", protocol, ("TCP", "UDP", "SCTP")))
    where = f"{path}.endPort"
    if number is None:
        if last is not None:
            errors.append(field_errors.invalid(where, last, "may not be specified when `port` is not specified"))
        return
    if isinstance(number, int):
        formats.port_number(errors, f"{path}.port", number)
        if last is not None:
            if last < number:
                errors.append(field_errors.invalid(where, number, "must be greater than or equal to `port`"))
            formats.port_number(errors, where, last)
        return
    if last is not None:
        errors.append(field_errors.invalid(where, last, "may not be specified when `port` is non-numeric"))
    formats.complain(errors, f"{path}.port", number, names.port_name(number))


def _validate_peer(errors: Errors, path: str, peer: JSON, known: frozenset[str]) -> None:
    selectors.validate(errors, f"{path}.podSelector", peer.get("podSelector"))
    selectors.validate(errors, f"{path}.namespaceSelector", peer.get("namespaceSelector"))
    block = peer.get("ipBlock")
    if block is not None:
        _validate_block(errors, f"{path}.ipBlock", block, known)
    given = [name for name in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(name) is not None]
    if not given:
        errors.append(field_errors.required(path, "must specify a peer"))
    elif len(given) > 1 and block is not None:
        errors.append(field_errors.forbidden(path, "may not specify both ipBlock and another peer"))


def _validate_block(errors: Errors, path: str, block: JSON, known: frozenset[str]) -> None:
    whole = block.get("cidr") or ""
    if not whole:
        errors.append(field_errors.required(f"{path}.cidr"))
        return
    formats.network(errors, f"{path}.cidr", whole, known)
    outer = _network(whole)
    if outer is None:
        return
    for index, part in enumerate(block.get("except") or ()):
        where, inner = f"{path}.except[{index}]", _network(part)
        formats.network(errors, where, part, known)
        if inner is not None and not _within(inner, outer):
            errors.append(field_errors.invalid(where, part, "must be a strict subset of `cidr`"))


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _within(inner: Network, outer: Network) -> bool:
    """Tell whether one range is a real part of the other."""
    same = inner.version == outer.version and inner.network_address in outer
    return same and inner.prefixlen > outer.prefixlen
