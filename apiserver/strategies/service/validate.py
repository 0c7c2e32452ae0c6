"""What must be true of a Service: ports, type and the fields each type may have, policies, addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.service.cluster_ips import validate_change, validate_cluster_ips
from podwright.apiserver.strategies.service.fields import (
    externally_accessible,
    is_headless,
    needs_health_check,
)

JSON = dict[str, Any]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_POLICIES = ("Cluster", "Local")
_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
_IP_MODES = ("Proxy", "VIP")
_MAX_AFFINITY = 86400
_ONLY_BALANCER = "may only be used when `type` is 'LoadBalancer'"
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_HINTS = "service.kubernetes.io/topology-aware-hints"
_MODE = "service.kubernetes.io/topology-mode"


def validate_service(service: JSON, old: JSON | None) -> Errors:
    """List what is wrong with a Service; what `old` already had is accepted again where rules have been tightened."""
    errors: Errors = []
    spec: JSON = service.get("spec") or {}
    before: JSON = (old or {}).get("spec") or {}
    notes: JSON = service["metadata"].get("annotations") or {}
    if _MODE in notes and _HINTS in notes and notes[_MODE] != notes[_HINTS]:
        detail = f"must match annotations[{_HINTS}] when both are specified"
        errors.append(field_errors.invalid(f"metadata.annotations[{_MODE}]", notes[_MODE], detail))
    kind = spec.get("type") or ""
    ports: list[JSON] = spec.get("ports") or []
    if not ports and not is_headless(service) and kind != "ExternalName":
        errors.append(field_errors.required("spec.ports"))
    _validate_type_fields(errors, service, spec, kind)
    _validate_ports(errors, ports)
    formats.labels(errors, "spec.selector", spec.get("selector"))
    _validate_affinity(errors, spec)
    errors += validate_cluster_ips(service, old)
    _validate_external_ips(errors, spec.get("externalIPs") or (), before.get("externalIPs") or ())
    formats.one_of(errors, "spec.type", kind, _TYPES)
    _validate_node_ports(errors, ports, kind)
    _validate_unique_ports(errors, ports)
    _validate_ranges(errors, service, old, kind)
    _validate_balancer_fields(errors, spec, kind)
    _validate_traffic(errors, service, spec, kind)
    return errors


def validate_service_change(service: JSON, old: JSON) -> Errors:
    """List what is wrong with a changed Service."""
    errors = validate_change(service, old)
    spec: JSON = service.get("spec") or {}
    before: JSON = old.get("spec") or {}
    balancer, earlier = spec.get("loadBalancerClass"), before.get("loadBalancerClass")
    if spec.get("type") == before.get("type") == "LoadBalancer" and balancer != earlier:
        errors.append(field_errors.invalid("spec.loadBalancerClass", balancer, "may not change once set"))
    _validate_class(errors, spec, spec.get("type") or "")
    if needs_health_check(service) and needs_health_check(old):
        same = spec.get("healthCheckNodePort") == before.get("healthCheckNodePort")
        if not same:
            errors.append(field_errors.forbidden("spec.healthCheckNodePort", "field is immutable"))
    return errors + validate_service(service, old)


def validate_status(service: JSON, old: JSON) -> Errors:
    """List what is wrong with a changed status."""
    errors: Errors = []
    path = "status.loadBalancer.ingress"
    ingress: list[JSON] = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    if ingress and (service.get("spec") or {}).get("type") != "LoadBalancer":
        errors.append(field_errors.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"))
        return errors
    before = ((old.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    known = {entry.get("ip") for entry in before if entry.get("ip")}
    for index, entry in enumerate(ingress):
        _validate_ingress(errors, f"{path}[{index}]", entry, known)
    return errors


def _validate_ingress(errors: Errors, path: str, entry: JSON, known: set[str | None]) -> None:
    address, mode, name = entry.get("ip") or "", entry.get("ipMode"), entry.get("hostname") or ""
    if address and address not in known:
        formats.ip_address(errors, f"{path}.ip", address)
    if mode is None and address:
        errors.append(field_errors.required(f"{path}.ipMode", "must be specified when `ip` is set"))
    elif mode is not None and not address:
        errors.append(field_errors.forbidden(f"{path}.ipMode", "may not be specified when `ip` is not set"))
    elif mode is not None and mode not in _IP_MODES:
        errors.append(field_errors.not_supported(f"{path}.ipMode", mode, _IP_MODES))
    if name:
        formats.dns_subdomain(errors, f"{path}.hostname", name)
        if formats.parse_ip(name) is not None:
            detail = "must be a DNS name, not an IP address"
            errors.append(field_errors.invalid(f"{path}.hostname", name, detail))


def _validate_type_fields(errors: Errors, service: JSON, spec: JSON, kind: str) -> None:
    if kind in {"LoadBalancer", "NodePort"} and is_headless(service):
        detail = f"may not be set to 'None' for {kind} services"
        errors.append(field_errors.invalid("spec.clusterIPs[0]", spec["clusterIPs"][0], detail))
    if kind != "ExternalName":
        return
    errors.extend(
        field_errors.forbidden(f"spec.{name}", "may not be set for ExternalName services")
        for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
        if spec.get(name)
    )
    target = (spec.get("externalName") or "").removesuffix(".")
    if target:
        formats.dns_subdomain(errors, "spec.externalName", target)
    else:
        errors.append(field_errors.required("spec.externalName"))


def _validate_ports(errors: Errors, ports: Sequence[JSON]) -> None:
    seen: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"spec.ports[{index}]", port.get("name")
        if name:
            formats.dns_label(errors, f"{where}.name", name)
            if name in seen:
                errors.append(field_errors.duplicate(f"{where}.name", name))
            seen.add(name)
        elif len(ports) > 1:
            errors.append(field_errors.required(f"{where}.name"))
        formats.port_number(errors, f"{where}.port", port.get("port") or 0)
        formats.protocol(errors, f"{where}.protocol", port.get("protocol"))
        formats.port_or_name(errors, f"{where}.targetPort", port.get("targetPort"))
        if port.get("appProtocol") is not None:
            formats.qualified_name(errors, f"{where}.appProtocol", port["appProtocol"])


def _validate_affinity(errors: Errors, spec: JSON) -> None:
    affinity, config = spec.get("sessionAffinity") or "", spec.get("sessionAffinityConfig")
    formats.one_of(errors, "spec.sessionAffinity", affinity, _AFFINITIES)
    where = "spec.sessionAffinityConfig"
    if affinity == "None" and config is not None:
        errors.append(field_errors.forbidden(where, "must not be set when session affinity is None"))
    if affinity != "ClientIP":
        return
    for part in ("", ".clientIP", ".timeoutSeconds"):
        where += part
        config = config.get(part[1:]) if part and config is not None else config
        if config is None:
            errors.append(field_errors.required(where, "when session affinity type is ClientIP"))
            return
    if not 0 < config <= _MAX_AFFINITY:
        detail = f"must be greater than 0 and less than {_MAX_AFFINITY}"
        errors.append(field_errors.invalid(where, config, detail))


def _validate_external_ips(errors: Errors, addresses: Sequence[str], known: Sequence[str]) -> None:
    for index, address in enumerate(addresses):
        where = f"spec.externalIPs[{index}]"
        if formats.ip_address(errors, where, address, known):
            formats.endpoint_ip(errors, where, address)


def _validate_node_ports(errors: Errors, ports: Sequence[JSON], kind: str) -> None:
    if kind == "ClusterIP":
        errors.extend(
            field_errors.forbidden(f"spec.ports[{index}].nodePort", "may not be used when `type` is 'ClusterIP'")
            for index, port in enumerate(ports)
            if port.get("nodePort")
        )
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        number = port.get("nodePort")
        if number:
            claim = (port.get("protocol") or "", number)
            if claim in seen:
                where = f"spec.ports[{index}].nodePort"
                errors.append(field_errors.invalid(where, number, "provided port is already allocated"))
            seen.add(claim)


def _validate_unique_ports(errors: Errors, ports: Sequence[JSON]) -> None:
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        claim = (port.get("protocol") or "", port.get("port") or 0)
        if claim in seen:
            text = shown.compact(
                {
                    "Name": "",
                    "Protocol": claim[0],
                    "AppProtocol": None,
                    "Port": claim[1],
                    "TargetPort": 0,
                    "NodePort": 0,
                }
            )
            errors.append(shown.ShownError("Duplicate", f"spec.ports[{index}]", text))
        seen.add(claim)


def _validate_ranges(errors: Errors, service: JSON, old: JSON | None, kind: str) -> None:
    ranges: list[str] = (service.get("spec") or {}).get("loadBalancerSourceRanges") or []
    note = (service["metadata"].get("annotations") or {}).get(_RANGES)
    if ranges:
        where = "spec.LoadBalancerSourceRanges"
        if kind != "LoadBalancer":
            errors.append(field_errors.forbidden(where, _ONLY_BALANCER))
        before = ((old or {}).get("spec") or {}).get("loadBalancerSourceRanges") or ()
        known = {text.strip() for text in before}
        for index, text in enumerate(ranges):
            formats.network(errors, f"{where}[{index}]", text.strip(), known)
    elif note is not None:
        where = f"metadata.annotations[{_RANGES}]"
        if kind != "LoadBalancer":
            errors.append(field_errors.forbidden(where, _ONLY_BALANCER))
        before_note = (((old or {}).get("metadata") or {}).get("annotations") or {}).get(_RANGES)
        if note != before_note and note.strip():
            for text in note.split(","):
                formats.network(errors, where, text.strip())


def _validate_balancer_fields(errors: Errors, spec: JSON, kind: str) -> None:
    allocate = spec.get("allocateLoadBalancerNodePorts")
    if allocate is not None and kind != "LoadBalancer":
        errors.append(field_errors.forbidden("spec.allocateLoadBalancerNodePorts", _ONLY_BALANCER))
    if allocate is None and kind == "LoadBalancer":
        errors.append(field_errors.required("allocateLoadBalancerNodePorts"))
    _validate_class(errors, spec, kind)


def _validate_class(errors: Errors, spec: JSON, kind: str) -> None:
    balancer = spec.get("loadBalancerClass")
    if balancer is None:
        return
    if kind == "LoadBalancer":
        formats.qualified_name(errors, "spec.loadBalancerClass", balancer)
    else:
        errors.append(field_errors.forbidden("spec.loadBalancerClass", _ONLY_BALANCER))


def _validate_traffic(errors: Errors, service: JSON, spec: JSON, kind: str) -> None:
    outside = spec.get("externalTrafficPolicy") or ""
    where = "spec.externalTrafficPolicy"
    if externally_accessible(service):
        formats.one_of(errors, where, outside, _POLICIES)
    elif outside:
        errors.append(field_errors.invalid(where, outside, "may only be set for externally-accessible services"))
    check = spec.get("healthCheckNodePort") or 0
    where = "spec.healthCheckNodePort"
    if not needs_health_check(service):
        if check:
            detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            errors.append(field_errors.invalid(where, check, detail))
    elif check:
        formats.port_number(errors, where, check)
    inside = spec.get("internalTrafficPolicy")
    if inside is None and kind in {"NodePort", "LoadBalancer", "ClusterIP"}:
        errors.append(field_errors.required("spec.internalTrafficPolicy"))
    elif inside is not None and inside not in _POLICIES:
        errors.append(field_errors.not_supported("spec.internalTrafficPolicy", inside, _POLICIES))
    spread = spec.get("trafficDistribution")
    if spread is not None and spread not in _DISTRIBUTIONS:
        errors.append(field_errors.not_supported("spec.trafficDistribution", spread, _DISTRIBUTIONS))
