"""What a definition's conversion must be."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError

JSON = dict[str, Any]
_STRATEGIES: Final = ("None", "Webhook")
_KNOWN_REVIEWS: Final = ("v1", "v1beta1")


def validate(conversion: JSON | None, path: str) -> list[FieldError]:
    """List what is wrong with a conversion."""
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
    if strategy == "Webhook":
        errors += _config(config, where)
        errors += _reviews(reviews, f"{path}.conversionReviewVersions")
        return errors
    unset = "should not be set when strategy is not set to Webhook"
    if config is not None:
        errors.append(field_errors.forbidden(where, unset))
    if reviews:
        errors.append(field_errors.forbidden(f"{path}.conversionReviewVersions", unset))
    return errors


def _config(config: JSON | None, path: str) -> list[FieldError]:
    if config is None:
        return [field_errors.required(path, "required when strategy is set to Webhook")]
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        return [field_errors.required(path, "exactly one of url or service is required")]
    return _url(url, f"{path}.url") if url is not None else _service(service or {}, f"{path}.service")


def _url(value: str, path: str) -> list[FieldError]:
    form = "; desired format: https://host[/path]"
    try:
        parts = urlsplit(value)
    except ValueError as error:
        return [field_errors.required(path, f"url must be a valid URL: {error}{form}")]
    errors: list[FieldError] = []
    if parts.scheme != "https":
        detail = f"'https' is the only allowed URL scheme{form}"
        errors.append(field_errors.invalid(path, parts.scheme, detail))
    if not parts.netloc:
        errors.append(field_errors.invalid(path, parts.netloc, f"host must be specified{form}"))
    if parts.username is not None:
        errors.append(field_errors.invalid(path, parts.username, "user information is not permitted in the URL"))
    if parts.fragment:
        errors.append(field_errors.invalid(path, parts.fragment, "fragments are not permitted in the URL"))
    if parts.query:
        errors.append(field_errors.invalid(path, parts.query, "query parameters are not permitted in the URL"))
    return errors


def _service(service: JSON, path: str) -> list[FieldError]:
    errors = [
        field_errors.required(f"{path}.{key}", f"service {key} is required")
        for key in ("name", "namespace")
        if not service.get(key)
    ]
    port = service.get("port")
    if port is not None and names.port_number(port):
        detail = f"port is not valid: {','.join(names.port_number(port))}"
        errors.append(field_errors.invalid(f"{path}.port", port, detail))
    url_path = service.get("path")
    if url_path and not url_path.startswith("/"):
        errors.append(field_errors.invalid(f"{path}.path", url_path, "must start with a '/'"))
    return errors


def _reviews(reviews: list[str], path: str) -> list[FieldError]:
    if not reviews:
        return [field_errors.required(path)]
    errors: list[FieldError] = []
    for index, version in enumerate(reviews):
        if version in reviews[:index]:
            errors.append(field_errors.invalid(f"{path}[{index}]", version, "duplicate version"))
            continue
        where = f"{path}[{index}]"
        errors += [field_errors.invalid(where, version, problem) for problem in names.dns1035_label(version)]
    if not set(reviews) & set(_KNOWN_REVIEWS):
        detail = f"must include at least one of {', '.join(_KNOWN_REVIEWS)}"
        errors.append(field_errors.invalid(path, reviews, detail))
    return errors
