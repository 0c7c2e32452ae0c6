"""The rules of PriorityLevelConfigurations: exempt or limited, and what happens to requests beyond the limit."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import math
from typing import ClassVar, Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.flowcontrol.prioritylevel import PriorityLevelConfigurationSpec
from podwright.apiserver.strategies import meta, shown
from podwright.apiserver.strategies.flowcontrol import status as flow_status
from podwright.apiserver.strategies.flowcontrol.mandatory import MANDATORY_LEVELS
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

_DEFAULTS: Final = {
    "limited": {"nominalConcurrencyShares": 30, "lendablePercent": 0},
    "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0},
}
_QUEUING: Final = {"queues": 64, "handSize": 8, "queueLengthLimit": 50}
_MAX_QUEUES: Final = 10_000_000
_HASH_BITS: Final = 60
_TYPES: Final = ("Exempt", "Limited")
_RESPONSES: Final = ("Queue", "Reject")


class PriorityLevelConfigurationStrategy(Strategy):
    """Priority levels; those that the server cannot do without keep their spec."""

    beside_status: ClassVar[tuple[str, ...]] = ("labels", "annotations")

    def default(self, obj: JSON) -> None:
        """Fill in shares and queues."""
        spec: JSON = obj.setdefault("spec", {})
        for name, defaults in _DEFAULTS.items():
            part: JSON | None = spec.get(name)
            for field, value in defaults.items() if part is not None else ():
                if part is not None and part.get(field) is None:
                    part[field] = value
        queuing: JSON | None = ((spec.get("limited") or {}).get("limitResponse") or {}).get("queuing")
        for field, value in _QUEUING.items() if queuing is not None else ():
            if queuing is not None and not queuing.get(field):
                queuing[field] = value

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without status, at generation 1."""
        obj["status"] = {}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        raise_generation(obj, old, changed=obj.get("spec") != old.get("spec"))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a level."""
        errors: Errors = []
        name, spec = obj["metadata"].get("name") or "", obj.get("spec") or {}
        kind = spec.get("type") or ""
        if (name == "exempt") is not (kind == "Exempt"):
            detail = "type must be 'Exempt' if and only if name is 'exempt'"
            errors.append(field_errors.invalid("spec.type", kind, detail))
        limited, exempt = spec.get("limited"), spec.get("exempt")
        if kind == "Exempt":
            if limited is not None:
                errors.append(field_errors.forbidden("spec.limited", "must be nil if the type is not Limited"))
            _validate_shares(errors, "spec.exempt", exempt or {})
        elif kind == "Limited":
            if exempt is not None:
                errors.append(field_errors.forbidden("spec.exempt", "must be nil if the type is Limited"))
            if limited is None:
                errors.append(field_errors.required("spec.limited", "must not be empty when type is Limited"))
            else:
                _validate_limited(errors, "spec.limited", limited)
        else:
            errors.append(field_errors.not_supported("spec.type", kind, _TYPES))
        _validate_fixed(errors, name, spec)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed level."""
        errors = meta.repeated_on_update(
            obj, old, changes=0, creations=1, namespaced=False, name_rule=names.dns1123_subdomain
        )
        return errors + self.validate_create(obj, ctx)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return flow_status.validate(obj.get("status") or {})


def _validate_fixed(errors: Errors, name: str, spec: JSON) -> None:
    """Of a mandatory level nothing may change, but what the exempt one lends."""
    fixed = MANDATORY_LEVELS.get(name)
    if fixed is None:
        return
    loose = ("exempt",) if name == "exempt" else ()
    if {k: v for k, v in spec.items() if k not in loose} != {k: v for k, v in fixed.items() if k not in loose}:
        part = " except the spec.exempt field" if loose else ""
        detail = f"spec of '{name}'{part} must equal the fixed value"
        text = internal_text(PriorityLevelConfigurationSpec, spec)
        errors.append(shown.ShownError("Invalid", "spec", text, detail))


def _validate_shares(errors: Errors, path: str, part: JSON) -> None:
    shares, lendable = part.get("nominalConcurrencyShares") or 0, part.get("lendablePercent") or 0
    if shares < 0:
        where = f"{path}.nominalConcurrencyShares"
        errors.append(field_errors.invalid(where, shares, "must be a non-negative integer"))
    if not 0 <= lendable <= 100:
        where = f"{path}.lendablePercent"
        errors.append(field_errors.invalid(where, lendable, "must be between 0 and 100, inclusive"))


def _validate_limited(errors: Errors, path: str, limited: JSON) -> None:
    _validate_shares(errors, path, limited)
    borrowing = limited.get("borrowingLimitPercent") or 0
    if borrowing < 0:
        detail = "if specified, must be a non-negative integer"
        errors.append(field_errors.invalid(f"{path}.borrowingLimitPercent", borrowing, detail))
    response: JSON = limited.get("limitResponse") or {}
    kind, queuing = response.get("type") or "", response.get("queuing")
    where = f"{path}.limitResponse"
    if kind not in _RESPONSES:
        errors.append(field_errors.not_supported(f"{where}.type", kind, _RESPONSES))
    elif kind == "Reject":
        if queuing is not None:
            detail = "must be nil if limited.limitResponse.type is not Limited"
            errors.append(field_errors.forbidden(f"{where}.queuing", detail))
    elif queuing is None:
        detail = "must not be empty if limited.limitResponse.type is Limited"
        errors.append(field_errors.required(f"{where}.queuing", detail))
    else:
        _validate_queuing(errors, f"{where}.queuing", queuing)


def _validate_queuing(errors: Errors, path: str, queuing: JSON) -> None:
    queues, hand, length = (queuing.get(name) or 0 for name in _QUEUING)
    if length <= 0:
        errors.append(field_errors.invalid(f"{path}.queueLengthLimit", length, "must be positive"))
    if queues <= 0:
        errors.append(field_errors.invalid(f"{path}.queues", queues, "must be positive"))
    elif queues > _MAX_QUEUES:
        errors.append(field_errors.invalid(f"{path}.queues", queues, f"must not be greater than {_MAX_QUEUES}"))
    where = f"{path}.handSize"
    if hand <= 0:
        errors.append(field_errors.invalid(where, hand, "must be positive"))
    elif hand > queues:
        errors.append(field_errors.invalid(where, hand, f"should not be greater than queues ({queues})"))
    elif math.ceil(math.log2(queues) * hand) > _HASH_BITS:
        detail = (
            f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {_HASH_BITS}"
        )
        errors.append(field_errors.invalid(where, hand, detail))
