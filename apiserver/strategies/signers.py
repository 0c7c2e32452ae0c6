"""Names of certificate signers: `example.com/signer-name`."""

from __future__ import annotations

from collections.abc import Callable

from podwright.api import field_errors, names
from podwright.apiserver.strategies.formats import Errors

_LIMIT = 253 + 1 + 253 + 63 + 1


def signer_name(errors: Errors, path: str, name: str) -> None:
    """Check a signer's name: a domain of at least two labels, a slash and a path of labels."""
    if not name:
        errors.append(field_errors.required(path))
        return
    parts = name.split("/")
    if len(parts) != 2:
        detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        errors.append(field_errors.invalid(path, name, detail))
        return
    domain, rest = parts
    if len(domain) > 253:
        errors.append(field_errors.too_long(path, "", 253))
    labels = domain.split(".")
    _first_bad(errors, path, domain, labels, names.dns1123_label)
    if len(labels) < 2:
        detail = "should be a domain with at least two segments separated by dots"
        errors.append(field_errors.invalid(path, domain, detail))
    _first_bad(errors, path, rest, rest.split("."), names.dns1123_subdomain)
    if len(name) > _LIMIT:
        errors.append(field_errors.too_long(path, "", _LIMIT))


def _first_bad(errors: Errors, path: str, whole: str, labels: list[str], rule: Callable[[str], list[str]]) -> None:
    for label in labels:
        problems = rule(label)
        if problems:
            errors.extend(
                field_errors.invalid(path, whole, f'validating label "{label}": {problem}') for problem in problems
            )
            return
