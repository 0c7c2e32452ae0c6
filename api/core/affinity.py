"""Where a pod may or should run, by the nodes and by its neighbours."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import NodeSelectorOperator
from podwright.api.meta import LabelSelector
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int32, api_type


@api_type("core.v1")
class NodeSelectorRequirement:
    """One condition on a label or field of a node."""

    key: Annotated[str, REQUIRED] = ""
    """The label's key or the field's path."""
    operator: Annotated[NodeSelectorOperator, REQUIRED] = ""
    """In, NotIn, Exists, DoesNotExist, Gt or Lt."""
    values: Annotated[tuple[str, ...], ATOMIC] = ()
    """The values to compare with: none for Exists, one integer for Gt and Lt."""


@api_type("core.v1", atomic=True)
class NodeSelectorTerm:
    """Conditions on a node that must all hold. An empty term matches nothing."""

    match_expressions: Annotated[tuple[NodeSelectorRequirement, ...], ATOMIC] = ()
    """Conditions on labels."""
    match_fields: Annotated[tuple[NodeSelectorRequirement, ...], ATOMIC] = ()
    """Conditions on fields; only metadata.name."""


@api_type("core.v1", atomic=True)
class NodeSelector:
    """Selects nodes for which at least one term holds."""

    node_selector_terms: Annotated[tuple[NodeSelectorTerm, ...], REQUIRED, ATOMIC] = ()
    """The terms."""


@api_type("core.v1")
class PreferredSchedulingTerm:
    """A wish about nodes with its weight."""

    weight: Annotated[Int32, REQUIRED] = 0
    """How much it counts, 1 to 100."""
    preference: Annotated[NodeSelectorTerm, REQUIRED] = field(default_factory=NodeSelectorTerm)
    """What the node should be like."""


@api_type("core.v1")
class NodeAffinity:
    """On which nodes a pod may or should run."""

    required_during_scheduling_ignored_during_execution: NodeSelector | None = None
    """What a node must be like for the pod to be put there."""
    preferred_during_scheduling_ignored_during_execution: Annotated[tuple[PreferredSchedulingTerm, ...], ATOMIC] = ()
    """What a node should be like; weights of what holds are added up."""


@api_type("core.v1")
class PodAffinityTerm:
    """Names a set of pods and the kind of neighbourhood (nodes alike in one label) that is meant."""

    label_selector: LabelSelector | None = None
    """The pods' labels; none matches no pod."""
    namespaces: Annotated[tuple[str, ...], ATOMIC] = ()
    """The pods' namespaces; with namespaceSelector also unset, the pod's own."""
    topology_key: Annotated[str, REQUIRED] = ""
    """The node label whose equal values make nodes neighbours."""
    namespace_selector: LabelSelector | None = None
    """Selects further namespaces by label; an empty one is all."""
    match_label_keys: Annotated[tuple[str, ...], ATOMIC] = ()
    """Label keys of the incoming pod whose values must be equal."""
    mismatch_label_keys: Annotated[tuple[str, ...], ATOMIC] = ()
    """Label keys of the incoming pod whose values must differ."""


@api_type("core.v1")
class WeightedPodAffinityTerm:
    """A wish about neighbours with its weight."""

    weight: Annotated[Int32, REQUIRED] = 0
    """How much it counts, 1 to 100."""
    pod_affinity_term: Annotated[PodAffinityTerm, REQUIRED] = field(default_factory=PodAffinityTerm)
    """The neighbours that are meant."""


@api_type("core.v1")
class PodAffinity:
    """Next to which pods a pod must or should run."""

    required_during_scheduling_ignored_during_execution: Annotated[tuple[PodAffinityTerm, ...], ATOMIC] = ()
    """Neighbours that must be there."""
    preferred_during_scheduling_ignored_during_execution: Annotated[tuple[WeightedPodAffinityTerm, ...], ATOMIC] = ()
    """Neighbours that should be there."""


@api_type("core.v1")
class PodAntiAffinity:
    """Away from which pods a pod must or should run."""

    required_during_scheduling_ignored_during_execution: Annotated[tuple[PodAffinityTerm, ...], ATOMIC] = ()
    """Neighbours that must not be there."""
    preferred_during_scheduling_ignored_during_execution: Annotated[tuple[WeightedPodAffinityTerm, ...], ATOMIC] = ()
    """Neighbours that should not be there."""


@api_type("core.v1")
class Affinity:
    """Where a pod may or should run, by nodes and by neighbours."""

    node_affinity: NodeAffinity | None = None
    """By the nodes' labels."""
    pod_affinity: PodAffinity | None = None
    """Near other pods."""
    pod_anti_affinity: PodAntiAffinity | None = None
    """Away from other pods."""
