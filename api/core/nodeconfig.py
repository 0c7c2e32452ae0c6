"""Where a node's agent once took its configuration from. Nothing acts on it; it only keeps its place."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import REQUIRED, UID, api_type


@api_type("core.v1")
class ConfigMapNodeConfigSource:
    """Not used any more: a ConfigMap that configured the node agent."""

    namespace: Annotated[str, REQUIRED] = ""
    """The ConfigMap's namespace."""
    name: Annotated[str, REQUIRED] = ""
    """The ConfigMap's name."""
    uid: UID = ""
    """The ConfigMap's uid."""
    resource_version: str = ""
    """The ConfigMap's version."""
    kubelet_config_key: Annotated[str, REQUIRED] = ""
    """The key in the ConfigMap that holds the configuration."""


@api_type("core.v1")
class NodeConfigSource:
    """Not used any more: where the node agent took its configuration from."""

    config_map: ConfigMapNodeConfigSource | None = None
    """The ConfigMap that holds it."""
