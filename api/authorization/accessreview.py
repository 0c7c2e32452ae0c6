"""The kinds that ask whether somebody may do something."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.authorization.attributes import NonResourceAttributes, ResourceAttributes
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, Map, api_type


@api_type("authorization.v1")
class SubjectAccessReviewSpec:
    """Who wants to do what; either a resource or a path."""

    resource_attributes: ResourceAttributes | None = None
    """The request to a resource."""
    non_resource_attributes: NonResourceAttributes | None = None
    """The request to another path."""
    user: str = ""
    """The user's name."""
    groups: Annotated[tuple[str, ...], ATOMIC] = ()
    """The groups the user belongs to."""
    extra: Map[str, tuple[str, ...]] = EMPTY
    """What else the authenticator knows of the user."""
    uid: str = ""
    """The user's uid."""


@api_type("authorization.v1")
class SelfSubjectAccessReviewSpec:
    """What one wants to do oneself; either a resource or a path."""

    resource_attributes: ResourceAttributes | None = None
    """The request to a resource."""
    non_resource_attributes: NonResourceAttributes | None = None
    """The request to another path."""


@api_type("authorization.v1")
class SubjectAccessReviewStatus:
    """Whether it may be done."""

    allowed: Annotated[bool, REQUIRED] = False
    """Whether it is allowed."""
    denied: bool = False
    """Whether it is refused whatever others say."""
    reason: str = ""
    """Why."""
    evaluation_error: str = ""
    """What went wrong on the way to the answer."""


@api_type("authorization.v1")
class SubjectAccessReview:
    """Asks whether somebody may do something. Nothing is stored."""

    kind: str = "SubjectAccessReview"
    """The kind of this object."""
    api_version: str = "authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[SubjectAccessReviewSpec, REQUIRED] = field(default_factory=SubjectAccessReviewSpec)
    """The question."""
    status: SubjectAccessReviewStatus = field(default_factory=SubjectAccessReviewStatus)
    """The answer. Written by the server."""


@api_type("authorization.v1")
class LocalSubjectAccessReview:
    """Asks whether somebody may do something in this namespace. Nothing is stored."""

    kind: str = "LocalSubjectAccessReview"
    """The kind of this object."""
    api_version: str = "authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[SubjectAccessReviewSpec, REQUIRED] = field(default_factory=SubjectAccessReviewSpec)
    """The question."""
    status: SubjectAccessReviewStatus = field(default_factory=SubjectAccessReviewStatus)
    """The answer. Written by the server."""


@api_type("authorization.v1")
class SelfSubjectAccessReview:
    """Asks whether one may do something oneself. Nothing is stored."""

    kind: str = "SelfSubjectAccessReview"
    """The kind of this object."""
    api_version: str = "authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[SelfSubjectAccessReviewSpec, REQUIRED] = field(default_factory=SelfSubjectAccessReviewSpec)
    """The question."""
    status: SubjectAccessReviewStatus = field(default_factory=SubjectAccessReviewStatus)
    """The answer. Written by the server."""
