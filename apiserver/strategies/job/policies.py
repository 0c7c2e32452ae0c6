"""What is wrong with a Job's policies: for failed pods, for early success, for replacing pods."""

from __future__ import annotations

import itertools
from typing import Any

from podwright.api import field_errors, indexes, names
from podwright.api.quoting import quote
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MAX_RULES = 20
_MAX_PATTERNS = 20
_MAX_CODES = 255
_MAX_INDEXES_TEXT = 64 * 1024


def validate_failure_policy(errors: Errors, path: str, spec: JSON) -> None:
    """Check what failed pods mean."""
    rules: list[JSON] = spec["podFailurePolicy"].get("rules") or []
    if len(rules) > _MAX_RULES:
        errors.append(field_errors.too_many(f"{path}.rules", len(rules), _MAX_RULES))
    pod: JSON = (spec.get("template") or {}).get("spec") or {}
    known = {c.get("name") for kind in ("containers", "initContainers") for c in pod.get(kind) or ()}
    for index, rule in enumerate(rules):
        where = f"{path}.rules[{index}]"
        _validate_action(errors, f"{where}.action", rule.get("action") or "", spec)
        codes, patterns = rule.get("onExitCodes"), rule.get("onPodConditions") or []
        if codes is not None:
            _validate_codes(errors, f"{where}.onExitCodes", codes, known)
        _validate_patterns(errors, f"{where}.onPodConditions", patterns)
        if codes is not None and patterns:
            detail = "specifying both OnExitCodes and OnPodConditions is not supported"
            errors.append(shown.ShownError("Invalid", where, detail))
        elif codes is None and not patterns:
            detail = "specifying one of OnExitCodes and OnPodConditions is required"
            errors.append(shown.ShownError("Invalid", where, detail))


def validate_success_policy(errors: Errors, path: str, spec: JSON) -> None:
    """Check when an indexed Job is done early."""
    rules: list[JSON] = spec["successPolicy"].get("rules") or []
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        errors.append(field_errors.required(f"{path}.rules", detail))
    if len(rules) > _MAX_RULES:
        errors.append(field_errors.too_many(f"{path}.rules", len(rules), _MAX_RULES))
    for index, rule in enumerate(rules):
        _validate_success_rule(errors, f"{path}.rules[{index}]", rule, spec.get("completions") or 0)


def validate_replacement(errors: Errors, path: str, spec: JSON) -> None:
    """Check when pods are replaced."""
    value = spec.get("podReplacementPolicy")
    allowed = ("Failed",) if spec.get("podFailurePolicy") is not None else ("Failed", "TerminatingOrFailed")
    if value is not None and value not in allowed:
        errors.append(field_errors.not_supported(path, value, allowed))


def _validate_action(errors: Errors, path: str, action: str, spec: JSON) -> None:
    if not action:
        errors.append(field_errors.required(path, _valid(_ACTIONS)))
    elif action not in _ACTIONS:
        errors.append(field_errors.not_supported(path, action, _ACTIONS))
    elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        errors.append(field_errors.invalid(path, action, "requires the backoffLimitPerIndex to be set"))


def _validate_codes(errors: Errors, path: str, codes: JSON, known: set[Any]) -> None:
    operator, values = codes.get("operator") or "", codes.get("values") or []
    if not operator:
        errors.append(field_errors.required(f"{path}.operator", _valid(_OPERATORS)))
    elif operator not in _OPERATORS:
        errors.append(field_errors.not_supported(f"{path}.operator", operator, _OPERATORS))
    name = codes.get("containerName")
    if name is not None and name not in known:
        detail = "must be one of the container or initContainer names in the pod template"
        errors.append(field_errors.invalid(f"{path}.containerName", name, detail))
    where = f"{path}.values"
    if not values:
        errors.append(field_errors.invalid(where, codes.get("values"), "at least one value is required"))
    elif len(values) > _MAX_CODES:
        errors.append(field_errors.too_many(where, len(values), _MAX_CODES))
    seen: set[int] = set()
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            errors.append(field_errors.invalid(f"{where}[{index}]", value, "must not be 0 for the In operator"))
        if value in seen:
            errors.append(field_errors.duplicate(f"{where}[{index}]", value))
        seen.add(value)
    if any(before > value for before, value in itertools.pairwise(values)):
        errors.append(shown.ShownError("Invalid", where, shown.compact(values), "must be ordered"))


def _validate_patterns(errors: Errors, path: str, patterns: list[JSON]) -> None:
    if len(patterns) > _MAX_PATTERNS:
        errors.append(field_errors.too_many(path, len(patterns), _MAX_PATTERNS))
    for index, pattern in enumerate(patterns):
        where, kind, status = f"{path}[{index}]", pattern.get("type") or "", pattern.get("status") or ""
        formats.complain(errors, f"{where}.type", kind, names.qualified_name(kind))
        if not status:
            errors.append(field_errors.required(f"{where}.status", _valid(_STATUSES)))
        elif status not in _STATUSES:
            errors.append(field_errors.not_supported(f"{where}.status", status, _STATUSES))


def _validate_success_rule(errors: Errors, path: str, rule: JSON, completions: int) -> None:
    text, wanted = rule.get("succeededIndexes"), rule.get("succeededCount")
    if text is None and wanted is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        errors.append(field_errors.required(path, detail))
    total = 0
    where = f"{path}.succeededIndexes"
    if text is not None:
        if len(text) > _MAX_INDEXES_TEXT:
            errors.append(field_errors.too_long(where, text, _MAX_INDEXES_TEXT))
        try:
            total = indexes.count(indexes.parse_intervals(text, completions))
        except indexes.IndexTextError as error:
            errors.append(field_errors.invalid(where, text, f"error parsing succeededIndexes: {error}"))
    if wanted is None:
        return
    where = f"{path}.succeededCount"
    formats.not_negative(errors, where, wanted)
    if wanted > completions:
        detail = f"must be less than or equal to {completions} (the number of specified completions)"
        errors.append(field_errors.invalid(where, wanted, detail))
    if text is not None and wanted > total:
        detail = (
            f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        )
        errors.append(field_errors.invalid(where, wanted, detail))


def _valid(values: tuple[str, ...]) -> str:
    return f"valid values: [{' '.join(map(quote, values))}]"
