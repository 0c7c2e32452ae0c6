"""What a check of a value came to, and how its findings are worded.

A `Result` also counts what held: of several alternatives that all fail, the one that came furthest explains the
failure. Equal findings are told once.
"""

from __future__ import annotations

import json
from typing import Any

from podwright.api import field_errors
from podwright.api.field_errors import FieldError


class Result:
    """Findings, and how many checks held."""

    __slots__ = ("count", "errors", "texts")

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.texts: set[str] = set()
        self.count = 0

    @property
    def valid(self) -> bool:
        """Whether nothing was found."""
        return not self.errors

    def add(self, error: FieldError) -> None:
        """Add a finding."""
        text = error.text()
        if text not in self.texts:
            self.texts.add(text)
            self.errors.append(error)

    def merge(self, other: Result) -> None:
        """Take over another result's findings and count."""
        self.count += other.count
        for error in other.errors:
            self.add(error)


def wrong_type(path: str, wanted: str, found: str) -> FieldError:
    """A value of another type; `found` is the type, or the text that is not of a format."""
    return field_errors.type_invalid(path, found, f"{path} in body must be of type {wanted}: {json.dumps(found)}")


def invalid(path: str, value: Any, rule: str) -> FieldError:
    """A value that breaks a rule."""
    return field_errors.invalid(path, value, f"{path} in body {rule}")


def nowhere(text: str) -> FieldError:
    """A finding that no field is named for."""
    return field_errors.invalid("", "", text)
