"""The rules of ConfigMaps: keys that can be file names, a size limit, and contents that may be sealed."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import Any

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

MAX_SIZE = 1024 * 1024
"""Bytes that the values of a ConfigMap or Secret may have together."""

_SEALED = "field is immutable when `immutable` is set"


class ConfigMapStrategy(Strategy):
    """ConfigMaps have no defaults, no status and no generation."""

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the contents."""
        errors: Errors = []
        data: JSON = obj.get("data") or {}
        binary: JSON = obj.get("binaryData") or {}
        size = 0
        for key, value in data.items():
            formats.config_keys(errors, "data", (key,))
            if key in binary:
                errors.append(field_errors.invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
            size += len(value.encode())
        formats.config_keys(errors, "binaryData", binary)
        if size + sum(map(decoded_size, binary.values())) > MAX_SIZE:
            errors.append(field_errors.too_long("[]", "", MAX_SIZE))  # the path of all of it
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the contents, and what a sealed ConfigMap may not change."""
        repeated = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        return [*repeated, *sealed(obj, old, "data", "binaryData"), *self.validate_create(obj, ctx)]


def sealed(obj: JSON, old: JSON, *fields: str) -> Errors:
    """List which fields of an immutable object have changed; being immutable cannot be undone."""
    errors: Errors = []
    if not old.get("immutable"):
        return errors
    if not obj.get("immutable"):
        errors.append(field_errors.forbidden("immutable", _SEALED))
    errors.extend(
        field_errors.forbidden(name, _SEALED) for name in fields if (obj.get(name) or {}) != (old.get(name) or {})
    )
    return errors


def decoded_size(text: Any) -> int:
    """Return how many bytes a base64 text stands for."""
    return len(text) * 3 // 4 - text.count("=", -2) if text else 0
