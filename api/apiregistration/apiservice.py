"""The APIService kind: who serves a version of an API group."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Bytes, Int32, Time, api_type, merge_by, named

APIServiceConditionType = Annotated[str, named("v1.APIServiceConditionType")]
ConditionStatus = Annotated[str, named("v1.ConditionStatus")]


@api_type("apiregistration.v1")
class ServiceReference:
    """A service that serves the group."""

    namespace: str = ""
    """The service's namespace."""
    name: str = ""
    """The service's name."""
    port: Int32 | None = None
    """The service's port; the default is 443."""


@api_type("apiregistration.v1")
class APIServiceSpec:
    """Which version of which group is served, and by whom."""

    service: ServiceReference | None = None
    """The service; none means this server itself."""
    group: str = ""
    """The group."""
    version: str = ""
    """The version."""
    insecure_skip_tls_verify: bool = False
    """Whether anybody's certificate is accepted. Better give a caBundle."""
    ca_bundle: Bytes = b""
    """The authorities whose certificates are trusted, in PEM, base64-encoded."""
    group_priority_minimum: Annotated[Int32, REQUIRED] = 0
    """The place of the group among others, 1 to 20000: higher ones come first."""
    version_priority: Annotated[Int32, REQUIRED] = 0
    """The place of the version in its group, 1 to 1000: higher ones come first."""


@api_type("apiregistration.v1")
class APIServiceCondition:
    """One observed aspect of an APIService."""

    type: Annotated[APIServiceConditionType, REQUIRED] = ""
    """The aspect: Available."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("apiregistration.v1")
class APIServiceStatus:
    """What is known of an APIService."""

    conditions: Annotated[tuple[APIServiceCondition, ...], merge_by("type")] = ()
    """Observed aspects."""


@api_type("apiregistration.v1")
class APIService:
    """A version of an API group and who serves it. Its name is `version.group`."""

    kind: str = "APIService"
    """The kind of this object."""
    api_version: str = "apiregistration.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: APIServiceSpec = field(default_factory=APIServiceSpec)
    """What is wanted."""
    status: APIServiceStatus = field(default_factory=APIServiceStatus)
    """What is observed. Written by the system."""
