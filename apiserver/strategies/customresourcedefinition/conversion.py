"""What a definition's conversion must be."""

from __future__ import annotations

import base64
from typing import Any, Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.custom.definition import is_true
from podwright.apiserver.strategies.admission.webhooks import validate_service, validate_url
from podwright.apiserver.strategies.pem import problem_of_authorities

JSON = dict[str, Any]
_STRATEGIES: Final = ("None", "Webhook")
_KNOWN_REVIEWS: Final = ("v1", "v1beta1")


def validate(conversion: JSON | None, path: str, old: JSON | None = None) -> list[FieldError]:
    """List what is wrong with a conversion; `old` is the definition before, whose weaknesses may stay."""
    if conversion is None:
        return []
    strategy = conversion.get("strategy") or ""
    webhook: JSON = conversion.get("webhook") or {}
    config, reviews = webhook.get("clientConfig"), webhook.get("conversionReviewVersions") or []
    errors: list[FieldError] = []
    if not strategy:
        errors.append(field_errors.required(f"{path}.strategy"))
    elif strategy not in _STRATEGIES:
        errors.append(field_errors.not_supported(f"{path}.strategy", strategy, _STRATEGIES))
    where = f"{path}.webhookClientConfig"
    before = _webhook(old)
    if strategy == "Webhook":
        errors += _config(config, where, bundle_matters=_bundle_matters(old))
        known_before: list[str] = before.get("conversionReviewVersions") or []
        known = not known_before or bool(set(known_before) & set(_KNOWN_REVIEWS))
        errors += _reviews(reviews, f"{path}.conversionReviewVersions", known=known)
        return errors
    unset = "should not be set when strategy is not set to Webhook"
    if config is not None:
        errors.append(field_errors.forbidden(where, unset))
    if reviews:
        errors.append(field_errors.forbidden(f"{path}.conversionReviewVersions", unset))
    return errors


def _webhook(definition: JSON | None) -> JSON:
    return (((definition or {}).get("spec") or {}).get("conversion") or {}).get("webhook") or {}


def _bundle_matters(old: JSON | None) -> bool:
    """Authorities are judged once a definition is in use, unless they were bad already."""
    if old is None or not is_true(old, "Established"):
        return False
    bundle = (_webhook(old).get("clientConfig") or {}).get("caBundle")
    return not bundle or not problem_of_authorities(base64.b64decode(bundle))


def _config(config: JSON | None, path: str, *, bundle_matters: bool) -> list[FieldError]:
    if config is None:
        return [field_errors.required(path, "required when strategy is set to Webhook")]
    errors: list[FieldError] = []
    url, service, bundle = config.get("url"), config.get("service"), config.get("caBundle")
    if (url is None) == (service is None):
        errors.append(field_errors.required(path, "exactly one of url or service is required"))
    elif url is not None:
        validate_url(errors, f"{path}.url", url)
    else:
        validate_service(errors, f"{path}.service", service or {})
    if bundle and bundle_matters:
        problem = problem_of_authorities(base64.b64decode(bundle))
        if problem:
            detail = f"unable to load root certificates: {problem}"
            errors.append(field_errors.invalid(f"{path}.caBundle", bundle, detail))
    return errors


def _reviews(reviews: list[str], path: str, *, known: bool) -> list[FieldError]:
    if not reviews:
        return [field_errors.required(path)]
    errors: list[FieldError] = []
    for index, version in enumerate(reviews):
        if version in reviews[:index]:
            errors.append(field_errors.invalid(f"{path}[{index}]", version, "duplicate version"))
            continue
        where = f"{path}[{index}]"
        errors += [field_errors.invalid(where, version, problem) for problem in names.dns1035_label(version)]
    if known and not set(reviews) & set(_KNOWN_REVIEWS):
        detail = f"must include at least one of {', '.join(_KNOWN_REVIEWS)}"
        errors.append(field_errors.invalid(path, reviews, detail))
    return errors
