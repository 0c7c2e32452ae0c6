"""The Secret kind."""

from __future__ import annotations

from dataclasses import field

from podwright.api.core.values import SecretType
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import EMPTY, Bytes, Map, api_type


@api_type("core.v1")
class Secret:
    """Confidential content for pods to use."""

    kind: str = "Secret"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    immutable: bool | None = None
    """Whether the content can never be changed again."""
    data: Map[str, Bytes] = EMPTY
    """The content, in base64."""
    string_data: Map[str, str] = EMPTY
    """Content given as text; the server moves it into `data`. Never read back."""
    type: SecretType = ""
    """What it is for; it decides which keys must be there."""
