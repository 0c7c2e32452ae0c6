"""The smallest JSON merge patch between two states: what controllers send instead of whole statuses.

A patch carries no resourceVersion, so a write to another part of the object does not make it fail; and an empty one
need not be sent at all.
"""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]


def merge_diff(old: JSON, new: JSON) -> JSON:
    """Return the merge patch that turns `old` into `new`; {} where they are equal. Lists are replaced whole."""
    patch: JSON = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif isinstance(value, dict) and isinstance(old[key], dict):
            inner = merge_diff(old[key], value)
            if inner:
                patch[key] = inner
        elif old[key] != value:
            patch[key] = value
    return patch
