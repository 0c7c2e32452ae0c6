"""The ServiceAccount kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.references import LocalObjectReference, ObjectReference
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, api_type, merge_by


@api_type("core.v1")
class ServiceAccount:
    """An identity for processes in pods."""

    kind: str = "ServiceAccount"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    secrets: Annotated[tuple[ObjectReference, ...], merge_by("name")] = ()
    """Secrets that its pods may mount. Outdated."""
    image_pull_secrets: Annotated[tuple[LocalObjectReference, ...], ATOMIC] = ()
    """Secrets for pulling images, added to its pods."""
    automount_service_account_token: bool | None = None
    """Whether its pods mount a token; a pod's own setting goes before."""
