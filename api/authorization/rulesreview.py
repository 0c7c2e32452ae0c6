"""The kind that asks what one may do in a namespace."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, api_type


@api_type("authorization.v1")
class SelfSubjectRulesReviewSpec:
    """Where one wants to do something."""

    namespace: str = ""
    """The namespace."""


@api_type("authorization.v1")
class ResourceRule:
    """Some verbs that are allowed on some resources."""

    verbs: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """What may be done; `*` stands for everything."""
    api_groups: Annotated[tuple[str, ...], ATOMIC] = ()
    """The API groups of the resources; `*` stands for all."""
    resources: Annotated[tuple[str, ...], ATOMIC] = ()
    """The resources; `*` stands for all."""
    resource_names: Annotated[tuple[str, ...], ATOMIC] = ()
    """The only objects that are meant; none means all of them."""


@api_type("authorization.v1")
class NonResourceRule:
    """Some verbs that are allowed on some paths."""

    verbs: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """The HTTP methods in lower case; `*` stands for all."""
    non_resource_urls: Annotated[tuple[str, ...], ATOMIC] = ()
    """The paths; a `*` at the end stands for any rest."""


@api_type("authorization.v1")
class SubjectRulesReviewStatus:
    """What may be done."""

    resource_rules: Annotated[tuple[ResourceRule, ...], REQUIRED, ATOMIC] = ()
    """On resources."""
    non_resource_rules: Annotated[tuple[NonResourceRule, ...], REQUIRED, ATOMIC] = ()
    """On other paths."""
    incomplete: Annotated[bool, REQUIRED] = False
    """Whether more may be allowed than is listed."""
    evaluation_error: str = ""
    """What went wrong on the way to the answer."""


@api_type("authorization.v1")
class SelfSubjectRulesReview:
    """Asks what one may do in a namespace. Nothing is stored; what it lists decides nothing."""

    kind: str = "SelfSubjectRulesReview"
    """The kind of this object."""
    api_version: str = "authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[SelfSubjectRulesReviewSpec, REQUIRED] = field(default_factory=SelfSubjectRulesReviewSpec)
    """The question."""
    status: SubjectRulesReviewStatus = field(default_factory=SubjectRulesReviewStatus)
    """The answer. Written by the server."""
