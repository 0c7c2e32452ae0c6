"""What a namespace asks of its pods: a standard to enforce, one to note in the audit log, one to warn of.

Labels that say nothing leave the cluster's defaults. A label that cannot be read enforces the strictest standard, and
warns of and notes nothing. It must never look at a pod.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.apiserver.pod_security.level import (
    FREE,
    LEVELS,
    NEWEST,
    PRIVILEGED,
    RESTRICTED,
    Standard,
    minor_of,
    strictness,
)

PREFIX: Final = "pod-security.kubernetes.io/"
"""What the keys of all these labels, and of audit annotations, begin with."""
_NO_LEVEL = f"must be one of {', '.join(LEVELS)}"
_NO_VERSION = 'must be "latest" or "v1.x"'
_UNREADABLE: Final = {"enforce": RESTRICTED, "audit": PRIVILEGED, "warn": PRIVILEGED}
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Policy:
    """The three standards of a namespace."""

    enforce: Standard = FREE
    audit: Standard = FREE
    warn: Standard = FREE

    @property
    def free(self) -> bool:
        """Whether pods may be anything, and nobody hears of it."""
        return {self.enforce.level, self.audit.level, self.warn.level} == {PRIVILEGED}


UNASKED: Final = Policy()
"""That of a cluster of which nothing was said."""


def policy_of(labels: Mapping[str, str], defaults: Policy) -> tuple[Policy, list[FieldError]]:
    """The policy of a namespace with these labels, and what is wrong with them."""
    if not any(key.startswith(PREFIX) for key in labels):
        return defaults, []
    errors: list[FieldError] = []

    def read(name: str, parse: Callable[[str], _Value | None], present: _Value, otherwise: _Value, why: str) -> _Value:
        key = f"{PREFIX}{name}"
        if key not in labels:
            return present
        found = parse(labels[key])
        if found is None:
            errors.append(field_errors.invalid(f"metadata.labels[{key}]", labels[key], why))
            return otherwise
        return found

    standards: dict[str, Standard] = {}
    for mode, unreadable in _UNREADABLE.items():
        present: Standard = getattr(defaults, mode)
        level = read(mode, _level_of, present.level, unreadable, _NO_LEVEL)
        minor = read(f"{mode}-version", minor_of, present.minor, NEWEST, _NO_VERSION)
        standards[mode] = Standard(level, minor)
    return Policy(**_warned(standards, labels)), errors


def _level_of(text: str) -> str | None:
    return text if text in LEVELS else None


def _warned(standards: dict[str, Standard], labels: Mapping[str, str]) -> dict[str, Standard]:
    """Warn of what is enforced too, unless the namespace says what to warn of."""
    enforce, warn = standards["enforce"], standards["warn"]
    told = labels.get(f"{PREFIX}enforce") in LEVELS and f"{PREFIX}warn" not in labels
    if not told or strictness(enforce.level) <= strictness(warn.level):
        return standards
    minor = warn.minor if f"{PREFIX}warn-version" in labels else enforce.minor
    return {**standards, "warn": replace(enforce, minor=minor)}
