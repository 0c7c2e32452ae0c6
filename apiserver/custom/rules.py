"""The seam to x-kubernetes-validations: conditions in the Common Expression Language that a schema carries.

A definition's rules are compiled once per version, by whoever knows the language. Evaluation is pure and its cost is
bounded; it must never be asked about an object that breaks its schema in a way the language relies on.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from podwright.api.field_errors import FieldError

JSON = dict[str, Any]


class Rules(Protocol):
    """All rules of one version, compiled."""

    @property
    def present(self) -> bool:
        """Whether there are any."""
        ...

    def validate(self, obj: JSON, old: JSON | None, warnings: list[str] | None = None) -> list[FieldError]:
        """List what the rules find in an object; `old` is None for a new one.

        What is wrong in parts that did not change is let through, and added to the warnings.
        """
        ...


class _NoRules:
    """A schema without rules."""

    present = False

    def validate(self, obj: JSON, old: JSON | None, warnings: list[str] | None = None) -> list[FieldError]:
        """Find nothing."""
        del obj, old, warnings
        return []


NO_RULES: Final[Rules] = _NoRules()
