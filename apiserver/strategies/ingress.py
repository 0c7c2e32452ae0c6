"""The rules of Ingresses: hosts, paths, and a backend for each.

What an old object already has wrong (a secret's name, rules of a wildcard host) is accepted again.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

CLASS_ANNOTATION: Final = "kubernetes.io/ingress.class"

_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_NEVER_INSIDE = ("//", "/./", "/../", "%2f", "%2F")
_NEVER_LAST = ("/..", "/.")
_NO_ADDRESS = "must be a DNS name, not an IP address"


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What the present object has wrong already."""

    secret_names: bool = False
    wildcard_rules: bool = False


class IngressStrategy(Strategy):
    """Ingresses: generation counts changes of the spec."""

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status, at generation 1."""
        obj["status"] = {"loadBalancer": {}}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        changed = obj.get("spec") != old.get("spec")
        raise_generation(obj, old, changed=changed)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new ingress."""
        errors: Errors = []
        _validate_spec(errors, obj.get("spec") or {}, _Accepted())
        note = (obj["metadata"].get("annotations") or {}).get(CLASS_ANNOTATION)
        chosen = (obj.get("spec") or {}).get("ingressClassName")
        if note is not None and chosen is not None and note != chosen:
            detail = "must match `ingressClassName` when both are specified"
            errors.append(field_errors.invalid(f"annotations.{CLASS_ANNOTATION}", note, detail))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed ingress."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        _validate_spec(errors, obj.get("spec") or {}, _accepted(old.get("spec") or {}))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        known = {place.get("ip") for place in _places(old)}
        for index, place in enumerate(_places(obj)):
            path = f"status.loadBalancer.ingress[{index}]"
            address, host = place.get("ip") or "", place.get("hostname") or ""
            if address and address not in known:
                formats.ip_address(errors, f"{path}.ip", address)
            if host:
                formats.dns_subdomain(errors, f"{path}.hostname", host)
                if formats.parse_ip(host) is not None:
                    errors.append(field_errors.invalid(f"{path}.hostname", host, _NO_ADDRESS))
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of a new ingress that names its class by annotation only."""
        notes = obj["metadata"].get("annotations") or {}
        if old is None and CLASS_ANNOTATION in notes and (obj.get("spec") or {}).get("ingressClassName") is None:
            return [f"annotation \"{CLASS_ANNOTATION}\" is deprecated, please use 'spec.ingressClassName' instead"]
        return []


def _places(obj: JSON) -> list[JSON]:
    return ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []


def _accepted(old: JSON) -> _Accepted:
    secrets = (tls.get("secretName") or "" for tls in old.get("tls") or ())
    broken: Errors = []
    for rule in old.get("rules") or ():
        if "*" in (rule.get("host") or ""):
            _validate_http(broken, "", rule.get("http"))
    return _Accepted(any(name and names.dns1123_subdomain(name) for name in secrets), bool(broken))


def _validate_spec(errors: Errors, spec: JSON, accepted: _Accepted) -> None:
    rules, default = spec.get("rules") or (), spec.get("defaultBackend")
    if not rules and default is None:
        detail = "either `defaultBackend` or `rules` must be specified"
        errors.append(field_errors.invalid("spec", None, detail))
    if default is not None:
        _validate_backend(errors, "spec.defaultBackend", default)
    for index, rule in enumerate(rules):
        path, host = f"spec.rules[{index}]", rule.get("host") or ""
        if host:
            if formats.parse_ip(host) is not None:
                errors.append(field_errors.invalid(f"{path}.host", host, _NO_ADDRESS))
            _validate_host(errors, f"{path}.host", host)
        if "*" not in host or not accepted.wildcard_rules:
            _validate_http(errors, f"{path}.http", rule.get("http"))
    for index, tls in enumerate(spec.get("tls") or ()):
        path = f"spec.tls[{index}]"
        for number, host in enumerate(tls.get("hosts") or ()):
            _validate_host(errors, f"{path}.hosts[{number}]", host)
        secret = tls.get("secretName") or ""
        if secret and not accepted.secret_names:
            formats.dns_subdomain(errors, f"{path}.secretName", secret)
    chosen = spec.get("ingressClassName")
    if chosen is not None:
        formats.dns_subdomain(errors, "spec.ingressClassName", chosen)


def _validate_host(errors: Errors, path: str, host: str) -> None:
    rule = names.wildcard_subdomain if "*" in host else names.dns1123_subdomain
    formats.complain(errors, path, host, rule(host))


def _validate_http(errors: Errors, path: str, http: JSON | None) -> None:
    if http is None:
        return
    if not http.get("paths"):
        errors.append(field_errors.required(f"{path}.paths"))
    for index, entry in enumerate(http.get("paths") or ()):
        _validate_path(errors, f"{path}.paths[{index}]", entry)


def _validate_path(errors: Errors, path: str, entry: JSON) -> None:
    kind, value = entry.get("pathType"), entry.get("path") or ""
    if kind is None:
        errors.append(field_errors.required(f"{path}.pathType", "pathType must be specified"))
        return
    if kind not in _PATH_TYPES:
        errors.append(field_errors.not_supported(f"{path}.pathType", kind, _PATH_TYPES))
    elif not value.startswith("/") and (value or kind != "ImplementationSpecific"):
        errors.append(field_errors.invalid(f"{path}.path", value, "must be an absolute path"))
    if kind in {"Exact", "Prefix"}:
        problems = [f"must not contain '{part}'" for part in _NEVER_INSIDE if part in value]
        problems += [f"cannot end with '{part}'" for part in _NEVER_LAST if value.endswith(part)]
        formats.complain(errors, f"{path}.path", value, problems)
    _validate_backend(errors, f"{path}.backend", entry.get("backend") or {})


def _validate_backend(errors: Errors, path: str, backend: JSON) -> None:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        errors.append(field_errors.invalid(path, "", "cannot set both resource and service backends"))
    elif resource is not None:
        validate_reference(errors, f"{path}.resource", resource)
    elif service is not None:
        _validate_service(errors, path, service)
    else:
        errors.append(field_errors.invalid(path, "", "resource or service backend is required"))


def _validate_service(errors: Errors, path: str, service: JSON) -> None:
    name, port = service.get("name") or "", service.get("port") or {}
    if name:
        formats.complain(errors, f"{path}.service.name", name, names.dns1123_label(name))
    else:
        errors.append(field_errors.required(f"{path}.service.name"))
    if port.get("name") and port.get("number"):
        errors.append(field_errors.invalid(path, "", "cannot set both port name & port number"))
    elif port.get("name"):
        formats.port_or_name(errors, f"{path}.service.port.name", port["name"])
    elif port.get("number"):
        formats.port_or_name(errors, f"{path}.service.port.number", port["number"])
    else:
        errors.append(field_errors.required(path, "port name or number is required"))


def validate_reference(errors: Errors, path: str, reference: JSON) -> None:
    """Check the group, kind and name of a reference to another object."""
    group = reference.get("apiGroup")
    if group is not None:
        formats.complain(errors, f"{path}.apiGroup", group, names.dns1123_subdomain(group))
    for key in ("kind", "name"):
        value = reference.get(key) or ""
        if not value:
            errors.append(field_errors.required(f"{path}.{key}"))
        formats.complain(errors, f"{path}.{key}", value, names.path_segment(value))
