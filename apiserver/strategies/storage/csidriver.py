"""The rules of CSIDrivers: what kubelets and schedulers rely on is always said, and partly fixed."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, spec_changed

_DEFAULTS: tuple[tuple[str, Any], ...] = (
    ("attachRequired", True),
    ("podInfoOnMount", False),
    ("storageCapacity", False),
    ("fsGroupPolicy", "ReadWriteOnceWithFSType"),
    ("requiresRepublish", False),
    ("seLinuxMount", False),
)
_MODES = ("Persistent", "Ephemeral")
_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_SHORTEST, _LONGEST = 600, 1 << 32
_REFRESH = 10


class CSIDriverStrategy(Strategy):
    """CSI drivers; generation counts changes once there are any."""

    returns_object_on_delete: ClassVar[bool] = True
    allow_unconditional_update: ClassVar[bool] = False

    def default(self, obj: JSON) -> None:
        """Fill in what a driver is taken to be like."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        for name, value in _DEFAULTS:
            if spec.get(name) is None:
                spec[name] = value
        if not spec.get("volumeLifecycleModes"):
            spec["volumeLifecycleModes"] = ["Persistent"]

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the spec."""
        if spec_changed(obj, old):
            raise_generation(obj, old, changed=True)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj["spec"]
        policy = spec.get("fsGroupPolicy")
        if policy not in _POLICIES:
            errors.append(field_errors.not_supported("spec.fsGroupPolicy", policy, _POLICIES))
        tokens = spec.get("tokenRequests") or ()
        _validate_tokens(errors, "spec.tokenRequests", tokens)
        errors += [
            field_errors.not_supported("spec.volumeLifecycleModes", mode, _MODES)
            for mode in spec["volumeLifecycleModes"]
            if mode not in _MODES
        ]
        period = spec.get("nodeAllocatableUpdatePeriodSeconds")
        if period is not None and period < _REFRESH:
            where = "spec.nodeAllocatableUpdatePeriodSeconds"
            errors.append(field_errors.invalid(where, period, "must be greater than or equal to 10 seconds"))
        if spec.get("serviceAccountTokenInSecrets") is not None and not tokens:
            where, given = "spec.serviceAccountTokenInSecrets", spec["serviceAccountTokenInSecrets"]
            errors.append(field_errors.invalid(where, given, "may only be set when tokenRequests is specified"))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed driver."""
        rule = names.dns1123_subdomain
        errors = self.validate_create(obj, ctx)
        errors += meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=rule)
        errors += self.validate_create(obj, ctx)
        for name, shown in (("attachRequired", "attachedRequired"), ("volumeLifecycleModes", "volumeLifecycleModes")):
            value = obj["spec"].get(name)
            if value != old["spec"].get(name):
                errors.append(field_errors.invalid(f"spec.{shown}", value, "field is immutable"))
        return errors


def _validate_tokens(errors: Errors, path: str, requests: Sequence[JSON]) -> None:
    seen: set[str] = set()
    for index, request in enumerate(requests):
        audience, seconds = request.get("audience") or "", request.get("expirationSeconds")
        if audience in seen:
            errors.append(field_errors.duplicate(f"{path}[{index}].audience", audience))
            continue
        seen.add(audience)
        where = f"{path}[{index}].expirationSeconds"
        if seconds is not None and seconds < _SHORTEST:
            errors.append(field_errors.invalid(where, seconds, "may not specify a duration less than 10 minutes"))
        if seconds is not None and seconds > _LONGEST:
            errors.append(field_errors.invalid(where, seconds, "may not specify a duration larger than 2^32 seconds"))
