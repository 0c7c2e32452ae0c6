"""How much a container needs and may use."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.values import ResourceList, ResourceName, ResourceResizeRestartPolicy
from podwright.api.modeling.fields import EMPTY, REQUIRED, api_type, map_by


@api_type("core.v1")
class ResourceClaim:
    """Use of one of the pod's device claims by a container."""

    name: Annotated[str, REQUIRED] = ""
    """The claim's name in the pod's resourceClaims."""
    request: str = ""
    """The one request of the claim to use; empty is all."""


@api_type("core.v1")
class ResourceRequirements:
    """How much of each resource is reserved and allowed."""

    limits: ResourceList = EMPTY
    """The most that may be used, per resource."""
    requests: ResourceList = EMPTY
    """What is reserved, per resource; the default is the limit."""
    claims: Annotated[tuple[ResourceClaim, ...], map_by("name")] = ()
    """Device claims of the pod that are used here."""


@api_type("core.v1")
class ContainerResizePolicy:
    """What changing a resource in place does to the container."""

    resource_name: Annotated[ResourceName, REQUIRED] = ""
    """The resource: cpu or memory."""
    restart_policy: Annotated[ResourceResizeRestartPolicy, REQUIRED] = ""
    """NotRequired, or RestartContainer."""
