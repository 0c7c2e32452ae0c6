"""What refusals of both kinds of policies name."""

from __future__ import annotations

from typing import Any

from podwright.apiserver.admission.attributes import Attributes

JSON = dict[str, Any]


def name_of(attributes: Attributes) -> str:
    """The name by which a refusal calls what is written."""
    metadata: JSON = (attributes.obj or {}).get("metadata") or {}
    return attributes.name or metadata.get("name") or metadata.get("generateName") or "Unknown"
