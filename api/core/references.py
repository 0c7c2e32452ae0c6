"""How objects name other objects."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import ALWAYS, REQUIRED, UID, Default, api_type


@api_type("core.v1", atomic=True)
class LocalObjectReference:
    """Names an object in the same namespace."""

    name: Annotated[str, Default("")] = ""
    """The object's name."""


@api_type("core.v1", atomic=True)
class ObjectReference:
    """Names any object, or a part of it."""

    kind: str = ""
    """The object's kind."""
    namespace: str = ""
    """The object's namespace."""
    name: str = ""
    """The object's name."""
    uid: UID = ""
    """The object's uid."""
    api_version: str = ""
    """The object's group and version."""
    resource_version: str = ""
    """The version of the object that is meant, if a particular one is."""
    field_path: str = ""
    """The part that is meant, such as `spec.containers{web}`."""


@api_type("core.v1", atomic=True)
class SecretReference:
    """Names a Secret in any namespace."""

    name: str = ""
    """The Secret's name."""
    namespace: str = ""
    """The Secret's namespace."""


@api_type("core.v1", atomic=True)
class TypedLocalObjectReference:
    """Names an object of any kind in the same namespace."""

    api_group: Annotated[str | None, ALWAYS] = None
    """The object's API group; none means the core group."""
    kind: Annotated[str, REQUIRED] = ""
    """The object's kind."""
    name: Annotated[str, REQUIRED] = ""
    """The object's name."""


@api_type("core.v1")
class TypedObjectReference:
    """Names an object of any kind, perhaps in another namespace."""

    api_group: Annotated[str | None, ALWAYS] = None
    """The object's API group; none means the core group."""
    kind: Annotated[str, REQUIRED] = ""
    """The object's kind."""
    name: Annotated[str, REQUIRED] = ""
    """The object's name."""
    namespace: str | None = None
    """The object's namespace; none means the one of the referring object."""
