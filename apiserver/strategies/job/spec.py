"""What is wrong with a Job's spec, its own or that in a CronJob's template."""

from __future__ import annotations

import re
from typing import Any

from podwright.api import field_errors, names
from podwright.api.batch.policies import SuccessPolicy
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.strategies import formats, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategies.job.policies import (
    validate_failure_policy,
    validate_replacement,
    validate_success_policy,
)
from podwright.apiserver.strategies.pod.validate import validate_template
from podwright.apiserver.strategies.workload import matches_template

JSON = dict[str, Any]

_COUNTS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
           "backoffLimitPerIndex", "maxFailedIndexes")  # fmt: skip
_MAX_PARALLELISM = 100_000
_MAX_FAILED_INDEXES = 100_000
_MANY_COMPLETIONS = 100_000
_MAX_WITH_MANY = 10_000
_MAX_MANAGER = 63
_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")
_INDEXED_ONLY = "requires indexed completion mode"


def indexed(spec: JSON) -> bool:
    """Tell whether pods have indexes."""
    return spec.get("completionMode") == "Indexed"


def validate_job_spec(errors: Errors, path: str, spec: JSON) -> None:
    """Check a Job's own spec, whose selector is there by now."""
    validate_template_spec(errors, path, spec)
    selector = spec.get("selector")
    if selector is None:
        errors.append(field_errors.required(f"{path}.selector"))
    else:
        selectors.validate(errors, f"{path}.selector", selector)
    try:
        parsed = Selector.from_label_selector(selector)
    except SelectorError:
        return  # reported by the check before
    matches_template(errors, f"{path}.template", parsed, spec.get("template") or {})


def validate_template_spec(errors: Errors, path: str, spec: JSON) -> None:
    """Check all but the selector."""
    for name in _COUNTS:
        formats.not_negative(errors, f"{path}.{name}", spec.get(name))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        detail = "when maxFailedIndexes is specified"
        errors.append(field_errors.required(f"{path}.backoffLimitPerIndex", detail))
    if spec.get("managedBy") is not None:
        _validate_manager(errors, f"{path}.managedBy", spec["managedBy"])
    mode = spec.get("completionMode")
    if mode not in {None, "NonIndexed", "Indexed"}:
        errors.append(field_errors.not_supported(f"{path}.completionMode", mode, ("NonIndexed", "Indexed")))
    if mode == "Indexed":
        _validate_indexed(errors, path, spec)
    elif mode in {None, "NonIndexed"}:
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                errors.append(field_errors.invalid(f"{path}.{name}", spec[name], _INDEXED_ONLY))
    if spec.get("podFailurePolicy") is not None:
        validate_failure_policy(errors, f"{path}.podFailurePolicy", spec)
    if spec.get("successPolicy") is not None:
        if indexed(spec):
            validate_success_policy(errors, f"{path}.successPolicy", spec)
        else:
            text = internal_text(SuccessPolicy, spec["successPolicy"])
            errors.append(shown.ShownError("Invalid", f"{path}.successPolicy", text, _INDEXED_ONLY))
    validate_replacement(errors, f"{path}.podReplacementPolicy", spec)
    validate_template(errors, f"{path}.template", spec.get("template") or {})
    _validate_restarts(errors, f"{path}.template.spec.restartPolicy", spec)


def _validate_restarts(errors: Errors, path: str, spec: JSON) -> None:
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy") or ""
    if policy in {"", "Always"}:
        errors.append(field_errors.required(path, 'valid values: "OnFailure", "Never"'))
    elif policy not in {"OnFailure", "Never"}:
        errors.append(field_errors.not_supported(path, policy, ("OnFailure", "Never")))
    for name in ("podFailurePolicy", "backoffLimitPerIndex"):
        if spec.get(name) is not None and policy != "Never":
            detail = f'only "Never" is supported when {name} is specified'
            errors.append(field_errors.invalid(path, policy, detail))


def _validate_indexed(errors: Errors, path: str, spec: JSON) -> None:
    completions, parallelism = spec.get("completions"), spec.get("parallelism")
    failed = spec.get("maxFailedIndexes")
    if completions is None:
        errors.append(field_errors.required(f"{path}.completions", "when completion mode is Indexed"))
    if parallelism is not None and parallelism > _MAX_PARALLELISM:
        detail = f"must be less than or equal to {_MAX_PARALLELISM} when completion mode is Indexed"
        errors.append(field_errors.invalid(f"{path}.parallelism", parallelism, detail))
    where = f"{path}.maxFailedIndexes"
    if completions is not None and failed is not None and failed > completions:
        errors.append(field_errors.invalid(where, failed, "must be less than or equal to completions"))
    if failed is not None and failed > _MAX_FAILED_INDEXES:
        errors.append(field_errors.invalid(where, failed, f"must be less than or equal to {_MAX_FAILED_INDEXES}"))
    if (completions or 0) <= _MANY_COMPLETIONS or spec.get("backoffLimitPerIndex") is None:
        return
    if failed is None:
        detail = f"must be specified when completions is above {_MANY_COMPLETIONS}"
        errors.append(field_errors.required(where, detail))
    for name, value in (("parallelism", parallelism), ("maxFailedIndexes", failed)):
        if value is not None and value > _MAX_WITH_MANY:
            detail = (
                f"must be less than or equal to {_MAX_WITH_MANY} when completions are above {_MANY_COMPLETIONS}"
                " and used with backoff limit per index"
            )
            errors.append(field_errors.invalid(f"{path}.{name}", value, detail))


def _validate_manager(errors: Errors, path: str, manager: str) -> None:
    if not manager:
        errors.append(field_errors.required(path))
    else:
        domain, slash, rest = manager.partition("/")
        if not (domain and slash and rest):
            detail = 'must be a domain-prefixed path (such as "acme.io/foo")'
            errors.append(field_errors.invalid(path, manager, detail))
        else:
            formats.complain(errors, path, domain, names.dns1123_subdomain(domain))
            if not _PATH.fullmatch(rest):
                detail = f"Invalid path (regex used for validation is '{_PATH.pattern}')"
                errors.append(field_errors.invalid(path, rest, detail))
    if len(manager) > _MAX_MANAGER:
        errors.append(field_errors.too_long(path, manager, _MAX_MANAGER))
