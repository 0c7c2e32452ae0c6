"""The CSIDriver kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, SET, Int64, Wire, api_type
from podwright.api.storage.values import FSGroupPolicy, VolumeLifecycleMode


@api_type("storage.v1")
class TokenRequest:
    """A service-account token that the driver gets of each pod."""

    audience: Annotated[str, REQUIRED] = ""
    """Whom the token is for; empty means the API server."""
    expiration_seconds: Int64 | None = None
    """How long it holds."""


@api_type("storage.v1")
class CSIDriverSpec:
    """What the cluster must know of a driver."""

    attach_required: bool | None = None
    """Whether volumes must be attached to a node before they are mounted; the default is true. It cannot be changed."""
    pod_info_on_mount: bool | None = None
    """Whether the driver is told the pod's name, namespace and uid when it mounts; the default is false."""
    volume_lifecycle_modes: Annotated[tuple[VolumeLifecycleMode, ...], SET] = ()
    """For which volumes it is meant: Persistent (the default), Ephemeral or both. It cannot be changed."""
    storage_capacity: bool | None = None
    """Whether pods wait until the driver has published that there is room; the default is false."""
    fs_group_policy: FSGroupPolicy | None = None
    """Whether fsGroup changes the owner of files: ReadWriteOnceWithFSType (the default), File or None."""
    token_requests: Annotated[tuple[TokenRequest, ...], ATOMIC] = ()
    """Tokens of the pod's service account that the driver needs for mounting; audiences must differ."""
    requires_republish: bool | None = None
    """Whether volumes are published again now and then, to refresh what is in them; the default is false."""
    se_linux_mount: Annotated[bool | None, Wire("seLinuxMount")] = None
    """Whether volumes can be mounted with an SELinux context; the default is false."""
    node_allocatable_update_period_seconds: Int64 | None = None
    """How often CSINode's count of volumes is refreshed, at least every 10 seconds; none means never."""
    service_account_token_in_secrets: bool | None = None
    """Whether tokens are handed over among the secrets instead of the volume's context; only with tokenRequests."""
    prevent_pod_scheduling_if_missing: bool | None = None
    """Whether pods that use the driver stay away from nodes that do not have it."""


@api_type("storage.v1")
class CSIDriver:
    """A CSI driver of the cluster. It has the driver's name."""

    kind: str = "CSIDriver"
    """The kind of this object."""
    api_version: str = "storage.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata; the name is the driver's, at most 63 characters."""
    spec: Annotated[CSIDriverSpec, REQUIRED] = field(default_factory=CSIDriverSpec)
    """What the cluster must know of it."""
