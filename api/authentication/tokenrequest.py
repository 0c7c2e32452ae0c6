"""The TokenRequest kind, which the token subresource of service accounts takes."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, UID, Int64, Time, api_type


@api_type("authentication.v1")
class BoundObjectReference:
    """The object a token is bound to."""

    kind: str = ""
    """The object's kind: Pod, Secret or Node."""
    api_version: str = ""
    """The object's group and version."""
    name: str = ""
    """The object's name."""
    uid: UID = ""
    """The object's uid."""


@api_type("authentication.v1")
class TokenRequestSpec:
    """What token is wanted."""

    audiences: Annotated[tuple[str, ...], ALWAYS, ATOMIC] = ()
    """Whom the token is for; none means the API server."""
    expiration_seconds: Annotated[Int64 | None, ALWAYS] = None
    """How long it should be valid, in seconds."""
    bound_object_ref: Annotated[BoundObjectReference | None, ALWAYS] = None
    """An object whose end makes the token invalid."""


@api_type("authentication.v1")
class TokenRequestStatus:
    """The token."""

    token: Annotated[str, ALWAYS] = ""
    """The token itself."""
    expiration_timestamp: Annotated[Time | None, ALWAYS] = None
    """When it expires."""


@api_type("authentication.v1")
class TokenRequest:
    """Asks for a token of a service account."""

    kind: str = "TokenRequest"
    """The kind of this object."""
    api_version: str = "authentication.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: TokenRequestSpec = field(default_factory=TokenRequestSpec)
    """What is asked for."""
    status: TokenRequestStatus = field(default_factory=TokenRequestStatus)
    """The token. Written by the server."""
