"""The RuntimeClass kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.placement import Toleration
from podwright.api.core.values import ResourceList
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, ATOMIC_MAP, EMPTY, REQUIRED, Map, api_type


@api_type("node.v1")
class Overhead:
    """What running a pod costs beside its containers."""

    pod_fixed: ResourceList = EMPTY
    """What every pod of the class takes in addition, per resource."""


@api_type("node.v1")
class Scheduling:
    """Which nodes can run pods of the class."""

    node_selector: Annotated[Map[str, str], ATOMIC_MAP] = EMPTY
    """Labels of the nodes that know the class. They are added to each pod's own; a contradiction refuses the pod."""
    tolerations: Annotated[tuple[Toleration, ...], ATOMIC] = ()
    """Tolerations that are added to each pod's own."""


@api_type("node.v1")
class RuntimeClass:
    """A way of running pods that nodes offer, chosen by a pod's runtimeClassName."""

    kind: str = "RuntimeClass"
    """The kind of this object."""
    api_version: str = "node.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    handler: Annotated[str, REQUIRED] = ""
    """The name by which nodes know the runtime and its settings. It cannot be changed."""
    overhead: Overhead | None = None
    """What a pod of the class takes beside its containers."""
    scheduling: Scheduling | None = None
    """Which nodes run the class; none is all of them."""
