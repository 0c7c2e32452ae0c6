"""A container's environment variables and where their values come from."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.projection import ObjectFieldSelector, ResourceFieldSelector
from podwright.api.core.references import LocalObjectReference
from podwright.api.modeling.fields import REQUIRED, Default, api_type


@api_type("core.v1")
class ConfigMapEnvSource(LocalObjectReference):
    """All keys of a ConfigMap as variables."""

    optional: bool | None = None
    """Whether the ConfigMap may be missing."""


@api_type("core.v1")
class SecretEnvSource(LocalObjectReference):
    """All keys of a Secret as variables."""

    optional: bool | None = None
    """Whether the Secret may be missing."""


@api_type("core.v1")
class EnvFromSource:
    """A whole object whose keys become variables."""

    prefix: str = ""
    """Text put before each key."""
    config_map_ref: ConfigMapEnvSource | None = None
    """The ConfigMap to take."""
    secret_ref: SecretEnvSource | None = None
    """The Secret to take."""


@api_type("core.v1", atomic=True)
class ConfigMapKeySelector(LocalObjectReference):
    """One key of a ConfigMap."""

    key: Annotated[str, REQUIRED] = ""
    """The key."""
    optional: bool | None = None
    """Whether the ConfigMap or key may be missing."""


@api_type("core.v1", atomic=True)
class SecretKeySelector(LocalObjectReference):
    """One key of a Secret."""

    key: Annotated[str, REQUIRED] = ""
    """The key."""
    optional: bool | None = None
    """Whether the Secret or key may be missing."""


@api_type("core.v1", atomic=True)
class FileKeySelector:
    """One variable of an environment file in a volume."""

    volume_name: Annotated[str, REQUIRED] = ""
    """The volume that holds the file."""
    path: Annotated[str, REQUIRED] = ""
    """The file's path in the volume; relative, without ".."."""
    key: Annotated[str, REQUIRED] = ""
    """The variable's name in the file."""
    optional: Annotated[bool | None, Default(False)] = None
    """Whether the file or key may be missing."""


@api_type("core.v1")
class EnvVarSource:
    """Where a variable's value comes from. Exactly one field is set."""

    field_ref: ObjectFieldSelector | None = None
    """A field of the pod, such as `status.podIP`."""
    resource_field_ref: ResourceFieldSelector | None = None
    """A resource limit or request of the container."""
    config_map_key_ref: ConfigMapKeySelector | None = None
    """A key of a ConfigMap."""
    secret_key_ref: SecretKeySelector | None = None
    """A key of a Secret."""
    file_key_ref: FileKeySelector | None = None
    """A key of an environment file."""


@api_type("core.v1")
class EnvVar:
    """A variable of a container's environment."""

    name: Annotated[str, REQUIRED] = ""
    """The variable's name."""
    value: str = ""
    """Its value; `$(NAME)` is replaced by variables defined before, `$$` is one dollar."""
    value_from: EnvVarSource | None = None
    """Where the value comes from, instead of `value`."""
