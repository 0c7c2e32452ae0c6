"""A pod's place in the network: ports, DNS, host aliases, host name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MAX_NAMESERVERS = 3
_MAX_SEARCHES = 32
_MAX_SEARCH_CHARS = 2048
_MAX_HOST_NAME = 64
_MAX_SEARCH = 253
_SEARCH_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SEARCH = rf"{_SEARCH_LABEL}(\.{_SEARCH_LABEL})*"
_SEARCH_RE = re.compile(_SEARCH, re.ASCII)
_SEARCH_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must"
    f" start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SEARCH}')"
)


def validate_ports(errors: Errors, path: str, ports: Sequence[JSON]) -> None:
    """Check a container's ports."""
    taken: set[str] = set()
    for index, port in enumerate(ports):
        name, number, on_host = port.get("name"), port.get("containerPort") or 0, port.get("hostPort") or 0
        where = f"{path}[{index}]"
        if name:
            problems = names.port_name(name)
            if problems:
                formats.complain(errors, f"{where}.name", name, problems)
            elif name in taken:
                errors.append(field_errors.duplicate(f"{where}.name", name))
            else:
                taken.add(name)
        if not number:
            errors.append(field_errors.required(f"{where}.containerPort"))
        else:
            formats.port_number(errors, f"{where}.containerPort", number)
        if on_host:
            formats.port_number(errors, f"{where}.hostPort", on_host)
        protocol = port.get("protocol")
        if protocol != "TCP":
            formats.protocol(errors, f"{where}.protocol", protocol)


def validate_host_ports(errors: Errors, path: str, containers: Iterable[JSON]) -> None:
    """Check that no two containers claim the same port of the host."""
    taken: set[str] = set()
    for number, container in enumerate(containers):
        for index, port in enumerate(container.get("ports") or ()):
            on_host = port.get("hostPort")
            if not on_host:
                continue
            claim = f"{port.get('protocol') or ''}/{port.get('hostIP') or ''}/{on_host}"
            if claim in taken:
                errors.append(field_errors.duplicate(f"{path}[{number}].ports[{index}].hostPort", claim))
            taken.add(claim)


def validate_host_network(errors: Errors, path: str, spec: JSON, *, in_pod: bool) -> None:
    """Check that on the host's network every container port is the host port."""
    if not spec.get("hostNetwork"):
        return
    for number, container in enumerate(spec.get("containers") or ()):
        for index, port in enumerate(container.get("ports") or ()):
            on_host, inside = port.get("hostPort") or 0, port.get("containerPort") or 0
            if (in_pod or on_host) and on_host != inside:
                where = f"{path}.containers[{number}].ports[{index}].hostPort"
                detail = "must match `containerPort` when `hostNetwork` is true"
                errors.append(field_errors.invalid(where, on_host, detail))


def validate_dns_policy(errors: Errors, path: str, policy: str | None) -> None:
    """Check `spec.dnsPolicy`."""
    formats.one_of(errors, path, policy, _DNS_POLICIES)


def validate_dns(errors: Errors, path: str, spec: JSON) -> None:
    """Check `spec.dnsConfig` beside the policy."""
    config: JSON | None = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            errors.append(field_errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None"))
            return
        if not config.get("nameservers"):
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            errors.append(field_errors.required(f"{path}.nameservers", detail))
            return
    if not config:
        return
    _validate_nameservers(errors, f"{path}.nameservers", config.get("nameservers") or ())
    _validate_searches(errors, f"{path}.searches", config.get("searches") or ())
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            errors.append(field_errors.required(f"{path}.options[{index}]", "must not be empty"))


def validate_host_aliases(errors: Errors, path: str, aliases: Sequence[JSON]) -> None:
    """Check `spec.hostAliases`."""
    for index, alias in enumerate(aliases):
        formats.ip_address(errors, f"{path}[{index}].ip", alias.get("ip") or "")
        for position, name in enumerate(alias.get("hostnames") or ()):
            formats.dns_subdomain(errors, f"{path}[{index}].hostnames[{position}]", name)


def validate_host_name(errors: Errors, path: str, spec: JSON) -> None:
    """Check `spec.hostnameOverride` beside what it excludes."""
    name = spec.get("hostnameOverride")
    if name is None:
        return
    where = f"{path}.hostnameOverride"
    if spec.get("setHostnameAsFQDN"):
        errors.append(field_errors.forbidden(where, "may not be specified when setHostnameAsFQDN is true"))
    if spec.get("hostNetwork"):
        errors.append(field_errors.forbidden(where, "may not be specified when hostNetwork is true"))
    if len(name) > _MAX_HOST_NAME:
        errors.append(field_errors.too_long(where, "", _MAX_HOST_NAME))
    formats.dns_subdomain(errors, where, name)


def _validate_nameservers(errors: Errors, path: str, servers: Sequence[str]) -> None:
    if len(servers) > _MAX_NAMESERVERS:
        detail = f"must not have more than {_MAX_NAMESERVERS} nameservers"
        errors.append(field_errors.invalid(path, list(servers), detail))
    for index, server in enumerate(servers):
        formats.ip_address(errors, f"{path}[{index}]", server)


def _validate_searches(errors: Errors, path: str, searches: Sequence[str]) -> None:
    if len(searches) > _MAX_SEARCHES:
        detail = f"must not have more than {_MAX_SEARCHES} search paths"
        errors.append(field_errors.invalid(path, list(searches), detail))
    if len(" ".join(searches)) > _MAX_SEARCH_CHARS:
        detail = f"must not have more than {_MAX_SEARCH_CHARS} characters (including spaces) in the search list"
        errors.append(field_errors.invalid(path, list(searches), detail))
    for index, search in enumerate(searches):
        if search != ".":
            name = search.removesuffix(".")
            if len(name) > _MAX_SEARCH:
                detail = f"must be no more than {_MAX_SEARCH} characters"
                errors.append(field_errors.invalid(f"{path}[{index}]", name, detail))
            if not _SEARCH_RE.fullmatch(name):
                errors.append(field_errors.invalid(f"{path}[{index}]", name, _SEARCH_TEXT))
