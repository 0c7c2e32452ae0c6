"""The rules of StatefulSets: pods with lasting names and storage, so that little may change but how many there are."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import Any, ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.strategies import formats, meta, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.claims import validate_claim_spec
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.pod.validate import validate_template
from podwright.apiserver.strategies.rolling import amount, not_more_than_all, number_or_percent
from podwright.apiserver.strategies.workload import (
    matches_template,
    not_decremented,
    restarted_for_ever,
    validate_counts,
    workload_warnings,
)
from podwright.apiserver.strategy import (
    JSON,
    ScalePaths,
    Strategy,
    WriteContext,
    keep,
    raise_generation,
    set_generation,
)

_COUNTS = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
           "observedGeneration", "collisionCount")  # fmt: skip
_BOUNDED = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
_MUTABLE = ("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy", "minReadySeconds")  # fmt: skip
_FIXED = (
    "updates to statefulset spec for fields other than "
    + ", ".join(f"'{name}'" for name in _MUTABLE[:-1])
    + f" and '{_MUTABLE[-1]}' are forbidden"
)
_KEPT = ("whenDeleted", "whenScaled")


class StatefulSetStrategy(Strategy):
    """StatefulSets: generation counts changes of the spec."""

    scale: ClassVar[ScalePaths | None] = ScalePaths()

    def default(self, obj: JSON) -> None:
        """Fill in one pod after the other, claims that are kept, and the defaults of template and claims."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        default_template(spec)
        for name, value in (("replicas", 1), ("podManagementPolicy", "OrderedReady"), ("revisionHistoryLimit", 10)):
            if spec.get(name) is None or spec[name] == "":
                spec[name] = value
        strategy: JSON = spec.get("updateStrategy") or {}
        spec["updateStrategy"] = strategy
        if not strategy.get("type"):
            strategy["type"] = "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            strategy["rollingUpdate"] = {"partition": 0} | (strategy.get("rollingUpdate") or {})
        policy: JSON = spec.get("persistentVolumeClaimRetentionPolicy") or {}
        spec["persistentVolumeClaimRetentionPolicy"] = {name: policy.get(name) or "Retain" for name in _KEPT}
        for claim in spec.get("volumeClaimTemplates") or ():
            _default_claim(claim)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start with no pods, at generation 1."""
        obj["status"] = {"replicas": 0, "availableReplicas": 0}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        raise_generation(obj, old, changed=obj.get("spec") != old.get("spec"))

    def validate_name(self, name: str) -> list[str]:
        """List what is wrong with a name: pods' host names begin with it."""
        return names.dns1123_label(name)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        _validate_spec(errors, "spec", obj.get("spec") or {})
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed set."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_label)
        errors += self.validate_create(obj, ctx)
        if _fixed(obj.get("spec") or {}) != _fixed(old.get("spec") or {}):
            errors.append(field_errors.forbidden("spec", _FIXED))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        status: JSON = obj.get("status") or {}
        errors = validate_counts(status, _COUNTS, _BOUNDED)
        not_decremented(errors, status, old.get("status") or {})
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a template that may have changed, of claims, and of a history without end."""
        from podwright.apiserver.strategies.pod.warnings import claim_spec_warnings

        found = workload_warnings(obj, old, named=False)
        for index, claim in enumerate(obj["spec"].get("volumeClaimTemplates") or ()):
            # Of an update the part of the path is shown with a capital; clients know it so.
            where = f"spec.volumeClaimTemplates[{index}]" + ("" if old is None else ".Spec")
            found += claim_spec_warnings(where, claim.get("spec") or {})
        if (obj["spec"].get("revisionHistoryLimit") or 0) < 0:
            found.append(
                "spec.revisionHistoryLimit: a negative value retains all historical revisions; "
                "a value >= 0 is recommended"
            )
        return found


def _fixed(spec: JSON) -> JSON:
    return {name: value for name, value in spec.items() if name not in _MUTABLE}


def _default_claim(claim: JSON) -> None:
    claim["kind"], claim["apiVersion"] = "PersistentVolumeClaim", "v1"
    spec: JSON = claim.get("spec") or {}
    claim["spec"] = spec
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    status: JSON = claim.get("status") or {}
    claim["status"] = status
    if not status.get("phase"):
        status["phase"] = "Pending"


def _validate_spec(errors: Errors, path: str, spec: JSON) -> None:
    policy = spec.get("podManagementPolicy") or ""
    if policy not in {"OrderedReady", "Parallel"}:
        detail = "must be 'OrderedReady' or 'Parallel'"
        errors.append(field_errors.invalid(f"{path}.podManagementPolicy", policy, detail))
    _validate_strategy(errors, f"{path}.updateStrategy", spec.get("updateStrategy") or {})
    kept: JSON = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for name in _KEPT:
        where = f"{path}.persistentVolumeClaimRetentionPolicy.{name}"
        if kept and kept.get(name) not in {"Retain", "Delete"}:
            errors.append(field_errors.not_supported(where, kept.get(name) or "", ("Retain", "Delete")))
    formats.not_negative(errors, f"{path}.replicas", spec.get("replicas"))
    service = spec.get("serviceName")
    if service:
        formats.complain(errors, f"{path}.serviceName", service, names.dns1123_label(service))
    formats.not_negative(errors, f"{path}.minReadySeconds", spec.get("minReadySeconds"))
    formats.not_negative(errors, f"{path}.ordinals.start", (spec.get("ordinals") or {}).get("start"))
    template: JSON = spec.get("template") or {}
    _validate_selector(errors, path, spec.get("selector"), template)
    claims: list[JSON] = spec.get("volumeClaimTemplates") or []
    validate_template(errors, f"{path}.template", _with_claims(template, claims))
    for index, claim in enumerate(claims):
        validate_claim_spec(errors, f"{path}.volumeClaimTemplates[{index}].spec", claim.get("spec") or {})
    restarted_for_ever(errors, f"{path}.template.spec", template.get("spec") or {}, "StatefulSet")


def _validate_selector(errors: Errors, path: str, selector: JSON | None, template: JSON) -> None:
    where = f"{path}.selector"
    if selector is None:
        errors.append(field_errors.required(where))
    else:
        selectors.validate(errors, where, selector)
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            text, detail = shown.selector(selector), "empty selector is invalid for statefulset"
            errors.append(shown.ShownError("Invalid", where, text, detail))
    try:
        parsed = Selector.from_label_selector(selector)
    except SelectorError:
        errors.append(shown.ShownError("Invalid", where, shown.selector(selector)))
        return
    if not parsed.empty:
        matches_template(errors, f"{path}.template", parsed, template)


def _with_claims(template: JSON, claims: list[JSON]) -> JSON:
    """The template as its pods will have it: each claim is a volume, in the place of one of its name."""
    if not claims:
        return template
    spec: JSON = template.get("spec") or {}
    named = [(claim.get("metadata") or {}).get("name") or "" for claim in claims]
    volumes = [volume for volume in spec.get("volumes") or () if volume.get("name") not in named]
    volumes += [{"name": name, "persistentVolumeClaim": {"claimName": name or "claim"}} for name in named]
    return {**template, "spec": {**spec, "volumes": volumes}}


def _validate_strategy(errors: Errors, path: str, strategy: JSON) -> None:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "RollingUpdate":
        if rolling is not None:
            _validate_rolling(errors, f"{path}.rollingUpdate", rolling)
    elif kind == "OnDelete":
        if rolling is not None:
            text, detail = shown.compact(_shown_rolling(rolling)), "only allowed for updateStrategy 'RollingUpdate'"
            errors.append(shown.ShownError("Invalid", f"{path}.rollingUpdate", text, detail))
    else:
        text = shown.compact({"Type": kind, "RollingUpdate": rolling and _shown_rolling(rolling)})
        errors.append(shown.ShownError("Invalid", path, text, "must be 'RollingUpdate' or 'OnDelete'"))


def _shown_rolling(rolling: JSON) -> JSON:
    return {"Partition": rolling.get("partition") or 0, "MaxUnavailable": rolling.get("maxUnavailable")}


def _validate_rolling(errors: Errors, path: str, rolling: JSON) -> None:
    formats.not_negative(errors, f"{path}.partition", rolling.get("partition"))
    pace: Any = rolling.get("maxUnavailable")
    if pace is None:
        return
    where = f"{path}.maxUnavailable"
    number_or_percent(errors, where, pace)
    if amount(pace) == 0:
        errors.append(field_errors.invalid(where, pace, "cannot be 0"))
    not_more_than_all(errors, where, pace)
