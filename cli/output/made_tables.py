"""A Table of what comes without one: name and age are all that is known of a kind whose server prints no tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from podwright.cli.describing.page import age

JSON = dict[str, Any]
_COLUMNS: Final = (
    {"name": "Name", "type": "string", "format": "name"},
    {"name": "Age", "type": "string"},
)


def as_table(found: JSON, now: dt.datetime) -> JSON:
    """The Table that was asked for: the answer itself, or one made of an object or a list."""
    if found.get("kind") == "Table":
        return found
    metadata: JSON = found.get("metadata") or {}
    objects: Sequence[JSON] = [found] if metadata.get("name") else found.get("items") or ()
    return {
        "kind": "Table",
        "metadata": metadata,
        "columnDefinitions": list(_COLUMNS),
        "rows": [_row(each, now) for each in objects],
    }


def _row(obj: JSON, now: dt.datetime) -> JSON:
    metadata: JSON = obj.get("metadata") or {}
    cells = [metadata.get("name") or "", age(metadata.get("creationTimestamp"), now)]
    return {"cells": cells, "object": {"metadata": metadata}}
