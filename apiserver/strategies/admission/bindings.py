"""The rules of policy bindings: which policy, with which parameters, for which requests, and what follows."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.admission.matching import default_match, validate_match, validate_param_ref
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, set_generation, spec_changed

_ACTIONS = ("Audit", "Deny", "Warn")


class MutatingBindingStrategy(Strategy):
    """Bindings of policies that change objects: generation counts changes of the spec."""

    allow_unconditional_update: ClassVar[bool] = False
    bare_finalizers: ClassVar[bool] = True
    acts: ClassVar[bool] = False

    def default(self, obj: JSON) -> None:
        """Fill in selectors."""
        default_match((obj.get("spec") or {}).get("matchResources"))

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
        policy = spec.get("policyName") or ""
        if policy:
            formats.complain(errors, "spec.policyName", policy, names.dns1123_subdomain(policy))
        else:
            errors.append(field_errors.required("spec.policyName"))
        if spec.get("paramRef") is not None:
            validate_param_ref(errors, "spec.paramRef", spec["paramRef"])
        if spec.get("matchResources") is not None:
            validate_match(errors, "spec.matchResources", spec["matchResources"])
        if self.acts:
            _validate_actions(errors, "spec.validationActions", spec.get("validationActions") or [])
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed binding; all may change."""
        return self.validate_create(obj, ctx)


class ValidatingBindingStrategy(MutatingBindingStrategy):
    """Bindings of policies that refuse requests."""

    acts: ClassVar[bool] = True


def _validate_actions(errors: Errors, path: str, actions: list[str]) -> None:
    for index, action in enumerate(actions):
        if action not in _ACTIONS:
            errors.append(field_errors.not_supported(f"{path}[{index}]", action, _ACTIONS))
        if action in actions[:index]:
            errors.append(field_errors.duplicate(f"{path}[{index}]", action))
    if {"Deny", "Warn"} <= set(actions):
        detail = (
            "must not contain both Deny and Warn (repeating the same validation failure information in the API "
            "response and headers serves no purpose)"
        )
        errors.append(field_errors.invalid(path, actions, detail))
    if not actions:
        errors.append(field_errors.required(path, "at least one validation action is required"))
