"""The kinds that ask who somebody is: by a token, or oneself."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, REQUIRED_IF_KNOWN, Map, api_type


@api_type("authentication.v1")
class UserInfo:
    """An identity."""

    username: str = ""
    """The name."""
    uid: str = ""
    """An identifier that is not used again when the name is."""
    groups: Annotated[tuple[str, ...], ATOMIC] = ()
    """The groups the user belongs to."""
    extra: Map[str, tuple[str, ...]] = EMPTY
    """What else the authenticator knows."""


@api_type("authentication.v1")
class TokenReviewSpec:
    """The token in question."""

    token: Annotated[str, REQUIRED_IF_KNOWN] = ""
    """The token itself."""
    audiences: Annotated[tuple[str, ...], ATOMIC] = ()
    """For whom it should be good, one of them at least; none means for the API server."""


@api_type("authentication.v1")
class TokenReviewStatus:
    """What the token says."""

    authenticated: bool = False
    """Whether the token is good."""
    user: UserInfo = field(default_factory=UserInfo)
    """Whose it is."""
    audiences: Annotated[tuple[str, ...], ATOMIC] = ()
    """Those of the asked audiences for which it is good."""
    error: str = ""
    """Why it could not be checked or is not good."""


@api_type("authentication.v1")
class TokenReview:
    """Asks whose a token is. Nothing is stored."""

    kind: str = "TokenReview"
    """The kind of this object."""
    api_version: str = "authentication.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[TokenReviewSpec, REQUIRED] = field(default_factory=TokenReviewSpec)
    """The question."""
    status: TokenReviewStatus = field(default_factory=TokenReviewStatus)
    """The answer. Written by the server."""


@api_type("authentication.v1")
class SelfSubjectReviewStatus:
    """Who asked."""

    user_info: UserInfo = field(default_factory=UserInfo)
    """The identity the request came with."""


@api_type("authentication.v1")
class SelfSubjectReview:
    """Asks who one is oneself. Nothing is stored."""

    kind: str = "SelfSubjectReview"
    """The kind of this object."""
    api_version: str = "authentication.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    status: SelfSubjectReviewStatus = field(default_factory=SelfSubjectReviewStatus)
    """The answer. Written by the server."""
