"""What both kinds of policies agree on when they are asked: how long it may take, and what a refusal names."""

from __future__ import annotations

from typing import Any, Final

from podwright.apiserver.admission.attributes import Attributes

JSON = dict[str, Any]
SECONDS: Final = 5.0
"""How long the expressions of all policies of a kind may take about one write."""


def name_of(attributes: Attributes) -> str:
    """The name by which a refusal calls what is written."""
    metadata: JSON = (attributes.obj or {}).get("metadata") or {}
    return attributes.name or metadata.get("name") or metadata.get("generateName") or "Unknown"
