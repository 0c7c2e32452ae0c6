"""Roles: what may be done, in one namespace or in the whole cluster."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, api_type


@api_type("rbac.v1")
class PolicyRule:
    """Allows some verbs on some resources or paths."""

    verbs: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """What may be done; `*` stands for everything."""
    api_groups: Annotated[tuple[str, ...], ATOMIC] = ()
    """The API groups of the resources; an empty name is the core group, `*` stands for all."""
    resources: Annotated[tuple[str, ...], ATOMIC] = ()
    """The resources, or `resource/subresource`; `*` stands for all."""
    resource_names: Annotated[tuple[str, ...], ATOMIC] = ()
    """The only objects that are meant; none means all of them."""
    non_resource_urls: Annotated[tuple[str, ...], ATOMIC] = ()
    """Paths outside the resources, such as `/metrics`; a `*` at the end stands for any rest. Not for a Role."""


@api_type("rbac.v1")
class AggregationRule:
    """Says of which other roles a ClusterRole is made."""

    cluster_role_selectors: Annotated[tuple[LabelSelector, ...], ATOMIC] = ()
    """The rules of every ClusterRole that one of these selects are added."""


@api_type("rbac.v1")
class Role:
    """A set of permissions within one namespace; a RoleBinding gives it to somebody."""

    kind: str = "Role"
    """The kind of this object."""
    api_version: str = "rbac.authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    rules: Annotated[tuple[PolicyRule, ...], ALWAYS, ATOMIC] = ()
    """What the role allows."""


@api_type("rbac.v1")
class ClusterRole:
    """A set of permissions for the whole cluster, or for any namespace it is bound in."""

    kind: str = "ClusterRole"
    """The kind of this object."""
    api_version: str = "rbac.authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    rules: Annotated[tuple[PolicyRule, ...], ALWAYS, ATOMIC] = ()
    """What the role allows. Of an aggregated role the system writes them."""
    aggregation_rule: AggregationRule | None = None
    """Of which other roles this one is made, if it is."""
