"""What else decides about a pod's place: tolerations, spreading, gates and groups."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.values import (
    NodeInclusionPolicy,
    TaintEffect,
    TolerationOperator,
    UnsatisfiableConstraintAction,
)
from podwright.api.meta import LabelSelector
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int32, Int64, api_type


@api_type("core.v1")
class Toleration:
    """Lets a pod onto nodes that have a matching taint."""

    key: str = ""
    """The taint's key; empty with Exists matches all."""
    operator: TolerationOperator = ""
    """Equal (the default), Exists, Lt or Gt."""
    value: str = ""
    """The value to compare with."""
    effect: TaintEffect = ""
    """The taint's effect; empty matches all."""
    toleration_seconds: Int64 | None = None
    """How long a NoExecute taint is tolerated, in seconds; none is for ever."""


@api_type("core.v1")
class TopologySpreadConstraint:
    """How evenly pods are spread over groups of nodes."""

    max_skew: Annotated[Int32, REQUIRED] = 0
    """The largest allowed difference in the number of matching pods between groups."""
    topology_key: Annotated[str, REQUIRED] = ""
    """The node label whose values make the groups."""
    when_unsatisfiable: Annotated[UnsatisfiableConstraintAction, REQUIRED] = ""
    """DoNotSchedule, or ScheduleAnyway to only prefer."""
    label_selector: LabelSelector | None = None
    """Which pods are counted."""
    min_domains: Int32 | None = None
    """The number of groups there must be at least; with fewer, the smallest count is taken as 0."""
    node_affinity_policy: NodeInclusionPolicy | None = None
    """Whether nodes the pod's affinity excludes are counted: Honor leaves them out, Ignore counts them."""
    node_taints_policy: NodeInclusionPolicy | None = None
    """Whether nodes the pod does not tolerate are counted: Honor leaves them out, Ignore counts them."""
    match_label_keys: Annotated[tuple[str, ...], ATOMIC] = ()
    """Label keys of the incoming pod whose values narrow the selector."""


@api_type("core.v1")
class PodSchedulingGate:
    """Holds a pod back from scheduling until it is removed."""

    name: Annotated[str, REQUIRED] = ""
    """The gate's name."""


@api_type("core.v1")
class PodSchedulingGroup:
    """The group a pod is scheduled with."""

    pod_group_name: str | None = None
    """The name of the group object."""
