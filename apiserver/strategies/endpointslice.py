"""The rules of EndpointSlices: one family of addresses a slice, bounded sizes, unique port names."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Sequence

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.spellings import ip_warnings
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, set_generation, spec_changed

_HOSTNAME = "kubernetes.io/hostname"
_TYPES = ("FQDN", "IPv4", "IPv6")
_MAX_ENDPOINTS, _MAX_ADDRESSES, _MAX_PORTS, _MAX_TOPOLOGY, _MAX_HINTS = 1000, 100, 20000, 16, 8


class EndpointSliceStrategy(Strategy):
    """EndpointSlices: what is beside metadata counts as the spec."""

    def default(self, obj: JSON) -> None:
        """Fill in port names and protocols."""
        for port in obj.get("ports") or ():
            if port.get("name") is None:
                port["name"] = ""
            if port.get("protocol") is None:
                port["protocol"] = "TCP"

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1, without the topology that no version we serve can set."""
        _drop_topology(obj, {})
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes; of the metadata, labels and annotations count too."""
        if obj.get("endpoints") != old.get("endpoints"):
            _drop_topology(obj, old)
        metadata, before = obj["metadata"], old["metadata"]
        own = ("labels", "annotations", "finalizers", "ownerReferences")
        changed = spec_changed(obj, old) or any(metadata.get(name) != before.get(name) for name in own)
        set_generation(obj, (before.get("generation") or 0) + changed)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a slice."""
        errors: Errors = []
        kind = obj.get("addressType") or ""
        formats.one_of(errors, "addressType", kind, _TYPES)
        _validate_endpoints(errors, obj.get("endpoints") or (), kind)
        _validate_ports(errors, obj.get("ports") or ())
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed slice."""
        errors = meta.repeated_on_update(obj, old, changes=0, creations=1, name_rule=names.dns1123_subdomain)
        errors += self.validate_create(obj, ctx)
        if obj.get("addressType") != old.get("addressType"):
            errors.append(field_errors.invalid("addressType", obj.get("addressType") or "", "field is immutable"))
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of host names as addresses, and of addresses in odd spellings."""
        if obj.get("addressType") == "FQDN":
            return ["spec.addressType: FQDN endpoints are deprecated"]
        return [
            text
            for index, endpoint in enumerate(obj.get("endpoints") or ())
            for position, address in enumerate(endpoint.get("addresses") or ())
            for text in ip_warnings(f"endpoints[{index}].addresses[{position}]", address)
        ]


def _drop_topology(obj: JSON, old: JSON) -> None:
    """Drop the topology of endpoints; a node that the stored slice knew from there alone is kept by its name."""
    endpoints: Sequence[JSON] = obj.get("endpoints") or ()
    if not any("deprecatedTopology" in endpoint for endpoint in endpoints):
        return
    known = {_topology_node(endpoint) for endpoint in old.get("endpoints") or ()}
    fresh: list[JSON] = []
    for endpoint in endpoints:
        left = {name: value for name, value in endpoint.items() if name != "deprecatedTopology"}
        node = _topology_node(endpoint)
        if node in known and left.get("nodeName") is None and not names.dns1123_subdomain(node):
            left["nodeName"] = node
        fresh.append(left)
    obj["endpoints"] = fresh


def _topology_node(endpoint: JSON) -> str:
    return (endpoint.get("deprecatedTopology") or {}).get(_HOSTNAME) or ""


def _validate_endpoints(errors: Errors, endpoints: Sequence[JSON], kind: str) -> None:
    if len(endpoints) > _MAX_ENDPOINTS:
        errors.append(field_errors.too_many("endpoints", len(endpoints), _MAX_ENDPOINTS))
        return
    for index, endpoint in enumerate(endpoints):
        where = f"endpoints[{index}]"
        addresses: Sequence[str] = endpoint.get("addresses") or ()
        if not addresses:
            errors.append(field_errors.required(f"{where}.addresses", "must contain at least 1 address"))
        elif len(addresses) > _MAX_ADDRESSES:
            errors.append(field_errors.too_many(f"{where}.addresses", len(addresses), _MAX_ADDRESSES))
        for position, address in enumerate(addresses):
            _validate_address(errors, f"{where}.addresses", position, address, kind)
        if endpoint.get("nodeName") is not None:
            formats.dns_subdomain(errors, f"{where}.nodeName", endpoint["nodeName"])
        topology: JSON = endpoint.get("deprecatedTopology") or {}
        if len(topology) > _MAX_TOPOLOGY:
            errors.append(field_errors.too_many(f"{where}.deprecatedTopology", len(topology), _MAX_TOPOLOGY))
        formats.labels(errors, f"{where}.deprecatedTopology", topology)
        if endpoint.get("hostname") is not None:
            formats.dns_label(errors, f"{where}.hostname", endpoint["hostname"])
        if endpoint.get("hints"):
            _validate_hints(errors, f"{where}.hints", endpoint["hints"])


def _validate_address(errors: Errors, path: str, index: int, address: str, kind: str) -> None:
    where = f"{path}[{index}]"
    if kind == "FQDN":
        formats.dns_subdomain(errors, where, address)
    elif kind in {"IPv4", "IPv6"} and formats.ip_address(errors, where, address):
        if formats.is_ipv6(address) != (kind == "IPv6"):
            article = "an IPv4" if kind == "IPv4" else "an IPv6"
            errors.append(field_errors.invalid(path, address, f"must be {article} address"))
        formats.endpoint_ip(errors, where, address)


def _validate_hints(errors: Errors, path: str, hints: JSON) -> None:
    for kind, rule in (("forZones", names.label_value), ("forNodes", names.dns1123_subdomain)):
        entries: Sequence[JSON] = hints.get(kind) or ()
        where = f"{path}.{kind}"
        if len(entries) > _MAX_HINTS:
            errors.append(field_errors.too_many(where, len(entries), _MAX_HINTS))
            continue
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            name = entry.get("name") or ""
            if name in seen:
                errors.append(field_errors.duplicate(f"{where}[{index}].name", name))
            seen.add(name)
            formats.complain(errors, f"{where}[{index}].name", name, rule(name))


def _validate_ports(errors: Errors, ports: Sequence[JSON]) -> None:
    if len(ports) > _MAX_PORTS:
        errors.append(field_errors.too_many("ports", len(ports), _MAX_PORTS))
        return
    seen: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"ports[{index}]", port.get("name") or ""
        if name:
            formats.dns_label(errors, f"{where}.name", name)
        if name in seen:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        seen.add(name)
        formats.protocol(errors, f"{where}.protocol", port.get("protocol"))
        if port.get("appProtocol") is not None:
            formats.qualified_name(errors, f"{where}.appProtocol", port["appProtocol"])
