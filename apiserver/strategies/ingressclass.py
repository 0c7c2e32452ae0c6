"""The rules of IngressClasses: a controller that never changes, and parameters of one scope."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import re
from typing import Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.ingress import validate_reference
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, set_generation, spec_changed

DEFAULT_ANNOTATION: Final = "ingressclass.kubernetes.io/is-default-class"

_LONGEST = 250
_SCOPES = ("Cluster", "Namespace")
_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"


class IngressClassStrategy(Strategy):
    """Classes of ingresses: generation counts changes of the spec."""

    def default(self, obj: JSON) -> None:
        """Fill in that parameters belong to the cluster."""
        parameters = (obj.get("spec") or {}).get("parameters")
        if parameters is not None and parameters.get("scope") is None:
            parameters["scope"] = "Cluster"

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1."""
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the spec."""
        raise_generation(obj, old, changed=spec_changed(obj, old))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        _validate_controller(errors, "spec.controller", spec.get("controller") or "")
        parameters = spec.get("parameters")
        if parameters is not None:
            _validate_parameters(errors, "spec.parameters", parameters)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed class; its controller may not change."""
        errors = meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=names.dns1123_subdomain)
        controller = (obj.get("spec") or {}).get("controller") or ""
        if controller != ((old.get("spec") or {}).get("controller") or ""):
            errors.append(field_errors.invalid("spec.controller", controller, "field is immutable"))
        return errors + self.validate_create(obj, ctx)


def _validate_controller(errors: Errors, path: str, controller: str) -> None:
    if not controller:
        errors.append(field_errors.required(path))
        return
    if len(controller.encode()) > _LONGEST:
        errors.append(field_errors.too_long(path, "", _LONGEST))
    domain, _, rest = controller.partition("/")
    if not domain or not rest:
        detail = 'must be a domain-prefixed path (such as "acme.io/foo")'
        errors.append(field_errors.invalid(path, controller, detail))
        return
    formats.complain(errors, path, domain, names.dns1123_subdomain(domain))
    if not re.fullmatch(_PATH, rest):
        errors.append(field_errors.invalid(path, rest, f"Invalid path (regex used for validation is '{_PATH}')"))


def _validate_parameters(errors: Errors, path: str, parameters: JSON) -> None:
    validate_reference(errors, path, parameters)
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    where = f"{path}.namespace"
    if scope not in _SCOPES:
        errors.append(field_errors.not_supported(f"{path}.scope", scope or "", _SCOPES))
    elif namespace is None:
        if scope == "Namespace":
            errors.append(field_errors.required(where, "`parameters.scope` is set to 'Namespace'"))
    elif scope == "Cluster":
        errors.append(field_errors.forbidden(where, "`parameters.scope` is set to 'Cluster'"))
    else:
        formats.complain(errors, where, namespace, names.dns1123_label(namespace))
