"""The rules of CertificateSigningRequests: who asks is written by the server, who decides has a door of their own.

The spec never changes. `approval` lets conditions through, `status` the certificate and a signer's own conditions;
what an old object already has wrong is accepted again. Whether somebody may approve or sign for a signer is for
authorization to say.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from podwright.api import field_errors, names
from podwright.api.apply.masks import Mask, hiding
from podwright.api.field_errors import FieldError
from podwright.api.quoting import quote
from podwright.api.times import format_time
from podwright.apiserver.reviews.user_info import user_info
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pem import problem_of_chain, problem_of_request
from podwright.apiserver.strategies.selectable import path_getters
from podwright.apiserver.strategies.signers import signer_name
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

APPROVAL: Final = "approval"
USAGES: Final = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
)  # fmt: skip

_LEGACY = "kubernetes.io/legacy-unknown"
_SHORTEST = 600
_DECISIONS = ("Approved", "Denied")
_FINAL = (*_DECISIONS, "Failed")
_STATUSES = ("False", "True", "Unknown")
_CONDITIONS = "status.conditions"


class SigningRequestStrategy(Strategy):
    """See the module."""

    selectable_fields: ClassVar = path_getters("spec.signerName")
    masks: ClassVar[Mapping[str, Mask]] = {
        "": hiding("spec", "status"),
        APPROVAL: hiding("spec", "status.certificate"),
        "status": hiding("spec"),
    }

    def validate_name(self, name: str) -> list[str]:
        """Any name will do that fits into a path."""
        return names.path_segment(name)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Write who asks, and start without a status."""
        spec: JSON = obj.setdefault("spec", {})
        for key in ("username", "uid", "groups", "extra"):
            spec.pop(key, None)
        spec.update(user_info(ctx.user))
        obj["status"] = {}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the spec, and the status but for what the subresource may change."""
        keep(obj, old, "spec")
        if ctx.subresource != APPROVAL:
            keep(obj, old, "status")
            return
        conditions = (obj.get("status") or {}).get("conditions")
        status: JSON = {**(old.get("status") or {})}
        keep(status, {"conditions": conditions} if conditions else {}, "conditions")
        obj["status"] = status
        _fill_times(obj, old, ctx)

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep everything but the status."""
        super().prepare_status_update(obj, old, ctx)
        _fill_times(obj, old, ctx)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new request."""
        return _validate(obj, {})

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed request, or with what was decided about it."""
        errors = _validate(obj, old) + meta.repeated_on_update(
            obj, old, creations=1, namespaced=False, name_rule=names.path_segment
        )
        return errors + _validate_steps(obj, old, decides=ctx.subresource == APPROVAL, signs=False)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a signer's answer."""
        errors = _validate(obj, old) + meta.repeated_on_update(
            obj, old, creations=1, namespaced=False, name_rule=names.path_segment
        )
        return errors + _validate_steps(obj, old, decides=False, signs=True)


def _conditions(obj: JSON) -> list[JSON]:
    return (obj.get("status") or {}).get("conditions") or []


def _certificate(obj: JSON) -> str:
    return (obj.get("status") or {}).get("certificate") or ""


def _fill_times(obj: JSON, old: JSON, ctx: WriteContext) -> None:
    """Say when conditions were written that do not say it."""
    before = {(c.get("type"), c.get("status")): c.get("lastTransitionTime") for c in _conditions(old)}
    now = format_time(ctx.now)
    for condition in _conditions(obj):
        if not condition.get("lastUpdateTime"):
            condition["lastUpdateTime"] = now
        if not condition.get("lastTransitionTime"):
            condition["lastTransitionTime"] = before.get((condition.get("type"), condition.get("status"))) or now


def _validate(obj: JSON, old: JSON) -> Errors:
    errors: Errors = []
    spec, before = obj.get("spec") or {}, old.get("spec")
    if spec != before:
        _validate_spec(errors, spec)
    if _conditions(obj) != _conditions(old):
        _validate_conditions(errors, _conditions(obj))
    if _certificate(obj) != _certificate(old):
        problem = problem_of_chain(base64.b64decode(_certificate(obj)))
        if problem:
            errors.append(field_errors.invalid("status.certificate", "<certificate data>", problem))
    return errors


def _validate_spec(errors: Errors, spec: JSON) -> None:
    request = spec.get("request") or ""
    problem = problem_of_request(base64.b64decode(request))
    if problem:
        errors.append(field_errors.invalid("spec.request", request or None, problem))
    usages: Sequence[str] = spec.get("usages") or ()
    if not usages:
        errors.append(field_errors.required("spec.usages"))
    for index, usage in enumerate(usages):
        if usage not in USAGES:
            errors.append(field_errors.not_supported(f"spec.usages[{index}]", usage, USAGES))
    for index, usage in enumerate(usages):
        if usage in usages[:index]:
            errors.append(field_errors.duplicate(f"spec.usages[{index}]", usage))
    signer = spec.get("signerName") or ""
    if signer == _LEGACY:
        detail = "the legacy signerName is not allowed via this API version"
        errors.append(field_errors.invalid("spec.signerName", signer, detail))
    else:
        signer_name(errors, "spec.signerName", signer)
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST:
        detail = "may not specify a duration less than 600 seconds (10 minutes)"
        errors.append(field_errors.invalid("spec.expirationSeconds", seconds, detail))


def _validate_conditions(errors: Errors, conditions: list[JSON]) -> None:
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        path = f"{_CONDITIONS}[{index}]"
        kind, status = condition.get("type") or "", condition.get("status") or ""
        if not kind:
            errors.append(field_errors.required(f"{path}.type"))
        allowed = ("True",) if kind in _FINAL else _STATUSES
        if not status:
            errors.append(field_errors.required(f"{path}.status"))
        elif status not in allowed:
            errors.append(field_errors.not_supported(f"{path}.status", status, allowed))
        if kind in _DECISIONS and seen & (set(_DECISIONS) - {kind}):
            detail = "Approved and Denied conditions are mutually exclusive"
            errors.append(field_errors.invalid(f"{path}.type", kind, detail))
        if kind in seen:
            errors.append(field_errors.duplicate(f"{path}.type", kind))
        seen.add(kind)


def _validate_steps(obj: JSON, old: JSON, *, decides: bool, signs: bool) -> Errors:
    """List what this door may not do to the status."""
    errors: Errors = []
    for kind in _FINAL:
        now, before = ([c for c in _conditions(one) if c.get("type") == kind] for one in (obj, old))
        verb = ""
        if len(now) < len(before):
            verb = "remove"
        elif kind in _DECISIONS and not decides and now != before:
            verb = "add" if len(now) > len(before) else "modify"
        if verb:
            detail = f"updates may not {verb} a condition of type {quote(kind)}"
            errors.append(field_errors.forbidden(_CONDITIONS, detail))
    if _certificate(obj) != _certificate(old):
        if not signs:
            errors.append(field_errors.forbidden("status.certificate", "updates may not set certificate content"))
        elif _certificate(old):
            detail = "updates may not modify existing certificate content"
            errors.append(field_errors.forbidden("status.certificate", detail))
    return errors
