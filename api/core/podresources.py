"""Device claims of pods, and the health of what they were given."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.values import ResourceHealthStatus, ResourceID, ResourceName
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, SET, Map, Quantity, api_type, map_by


@api_type("core.v1")
class PodResourceClaim:
    """A claim for devices that the pod's containers may use. Exactly one source is set."""

    name: Annotated[str, REQUIRED] = ""
    """The name by which containers refer to it."""
    resource_claim_name: str | None = None
    """A claim that exists."""
    resource_claim_template_name: str | None = None
    """A template from which a claim is made for this pod."""


@api_type("core.v1")
class PodResourceClaimStatus:
    """The claim made for one of a pod's templates."""

    name: Annotated[str, REQUIRED] = ""
    """The name in the pod's resourceClaims."""
    resource_claim_name: str | None = None
    """The claim's name; none if none was needed."""


@api_type("core.v1")
class ContainerExtendedResourceRequest:
    """Which device request serves an extended resource of a container."""

    container_name: Annotated[str, REQUIRED] = ""
    """The container's name."""
    resource_name: Annotated[str, REQUIRED] = ""
    """The extended resource's name."""
    request_name: Annotated[str, REQUIRED] = ""
    """The request's name in the claim."""


@api_type("core.v1")
class PodExtendedResourceClaimStatus:
    """The claim made for extended resources that are served by devices."""

    request_mappings: Annotated[tuple[ContainerExtendedResourceRequest, ...], REQUIRED, ATOMIC] = ()
    """Which request serves which container's resource."""
    resource_claim_name: Annotated[str, REQUIRED] = ""
    """The claim's name."""


@api_type("core.v1")
class NodeAllocatableResourceClaimStatus:
    """What a claim takes of the node's allocatable resources."""

    resource_claim_name: Annotated[str, REQUIRED] = ""
    """The claim's name."""
    containers: Annotated[tuple[str, ...], SET] = ()
    """The containers that use the claim."""
    resources: Annotated[Map[ResourceName, Quantity], REQUIRED] = EMPTY
    """How much it takes, per resource."""


@api_type("core.v1")
class ResourceHealth:
    """The health of one device."""

    resource_id: Annotated[ResourceID, REQUIRED] = ""
    """The device's id."""
    health: ResourceHealthStatus = ""
    """Healthy, Unhealthy or Unknown."""
    message: str | None = None
    """More about it, for people."""


@api_type("core.v1")
class ResourceStatus:
    """The devices behind one resource of a container."""

    name: Annotated[ResourceName, REQUIRED] = ""
    """The resource's name."""
    resources: Annotated[tuple[ResourceHealth, ...], map_by("resourceID")] = ()
    """The devices and their health."""
