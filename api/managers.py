"""Names of who writes fields: what they must look like. Pure."""

from __future__ import annotations

from typing import Final

from podwright.api import field_errors
from podwright.api.field_errors import FieldError

MANAGER_MAX: Final = 128
"""Bytes of a name."""


def manager_problems(path: str, manager: str) -> list[FieldError]:
    """List what is wrong with a name: its length, and every character that cannot be printed."""
    errors: list[FieldError] = []
    if len(manager.encode()) > MANAGER_MAX:
        errors.append(field_errors.too_long(path, "", MANAGER_MAX))
    if not manager.isprintable():
        for at, char in enumerate(manager):
            if not char.isprintable():
                detail = f"invalid character U+{ord(char):04X} (at position {len(manager[:at].encode())})"
                errors.append(field_errors.invalid(path, manager, detail))
    return errors
