"""Bindings: who holds a role."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, api_type


@api_type("rbac.v1", atomic=True)
class Subject:
    """Somebody who is given a role."""

    kind: Annotated[str, REQUIRED] = ""
    """User, Group or ServiceAccount."""
    api_group: str = ""
    """The group of the kind: empty for a ServiceAccount, rbac.authorization.k8s.io for the others."""
    name: Annotated[str, REQUIRED] = ""
    """The name of the user, group or account."""
    namespace: str = ""
    """The account's namespace. Users and groups have none."""


@api_type("rbac.v1", atomic=True)
class RoleRef:
    """The role that is given."""

    api_group: Annotated[str, ALWAYS] = ""
    """The group of the role's kind: rbac.authorization.k8s.io."""
    kind: Annotated[str, REQUIRED] = ""
    """Role or ClusterRole."""
    name: Annotated[str, REQUIRED] = ""
    """The role's name."""


@api_type("rbac.v1")
class RoleBinding:
    """Gives a role to somebody, within one namespace."""

    kind: str = "RoleBinding"
    """The kind of this object."""
    api_version: str = "rbac.authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    subjects: Annotated[tuple[Subject, ...], ATOMIC] = ()
    """Who holds the role."""
    role_ref: Annotated[RoleRef, REQUIRED] = field(default_factory=RoleRef)
    """Which role: one of this namespace or a ClusterRole. It cannot be changed."""


@api_type("rbac.v1")
class ClusterRoleBinding:
    """Gives a ClusterRole to somebody, in the whole cluster."""

    kind: str = "ClusterRoleBinding"
    """The kind of this object."""
    api_version: str = "rbac.authorization.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    subjects: Annotated[tuple[Subject, ...], ATOMIC] = ()
    """Who holds the role."""
    role_ref: Annotated[RoleRef, REQUIRED] = field(default_factory=RoleRef)
    """Which ClusterRole. It cannot be changed."""
