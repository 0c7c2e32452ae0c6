"""What all kinds share: object and list metadata, label selectors, conditions, deletion, refusals.

Shapes only, in the order in which they are written; rules live in the apiserver.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.modeling.fields import (
    ATOMIC,
    EMPTY,
    MERGE_SET,
    REQUIRED,
    UID,
    AnyValue,
    Int32,
    Int64,
    Map,
    Time,
    api_type,
    merge_by,
    named,
)

CauseType = Annotated[str, named("v1.CauseType")]
ConditionStatus = Annotated[str, named("v1.ConditionStatus")]
DeletionPropagation = Annotated[str, named("v1.DeletionPropagation")]
LabelSelectorOperator = Annotated[str, named("v1.LabelSelectorOperator")]
ManagedFieldsOperationType = Annotated[str, named("v1.ManagedFieldsOperationType")]
StatusReason = Annotated[str, named("v1.StatusReason")]


@api_type("meta.v1", atomic=True)
class OwnerReference:
    """Points from an object to one that owns it, in the same namespace or cluster-wide."""

    api_version: Annotated[str, REQUIRED] = ""
    """The owner's group and version."""
    kind: Annotated[str, REQUIRED] = ""
    """The owner's kind."""
    name: Annotated[str, REQUIRED] = ""
    """The owner's name."""
    uid: Annotated[UID, REQUIRED] = ""
    """The owner's uid, which tells it from a later object of the same name."""
    controller: bool | None = None
    """True on the one owner that manages this object."""
    block_owner_deletion: bool | None = None
    """Whether a foreground deletion of the owner waits until this object is gone."""


@api_type("meta.v1")
class ManagedFieldsEntry:
    """The fields one writer owns, as apply keeps track of them."""

    manager: str = ""
    """The writer's name."""
    operation: ManagedFieldsOperationType = ""
    """How the fields came to be owned: "Apply" or "Update"."""
    api_version: str = ""
    """The version of the object the field set was recorded in."""
    time: Time | None = None
    """When the field set last changed."""
    fields_type: str = ""
    """The format of fieldsV1; always "FieldsV1"."""
    fields_v1: AnyValue | None = None
    """The owned fields as a tree of `f:name`, `k:{keys}`, `v:value` and `i:index` entries."""
    subresource: str = ""
    """The subresource the write came through, or empty for the object itself."""


@api_type("meta.v1")
class ObjectMeta:
    """What every stored object has: its names, identity, versions, labels and owners."""

    name: str = ""
    """The name, unique among objects of the kind in the namespace. It cannot be changed."""
    generate_name: str = ""
    """A prefix from which the server makes a unique name when none is given."""
    namespace: str = ""
    """The namespace the object lives in; empty for cluster-wide kinds. It cannot be changed."""
    self_link: str = ""
    """Not used any more; always empty."""
    uid: UID = ""
    """An identifier the server gives each object, never used twice."""
    resource_version: str = ""
    """An opaque value that changes with every write. Send it back to detect writes in between."""
    generation: Int64 = 0
    """Counts the changes to the desired state."""
    creation_timestamp: Time | None = None
    """When the server stored the object. Set by the server."""
    deletion_timestamp: Time | None = None
    """When the object was asked to go, plus its grace period. It goes once its finalizers are gone."""
    deletion_grace_period_seconds: Int64 | None = None
    """The seconds the object is given to end by itself before it is removed."""
    labels: Map[str, str] = EMPTY
    """Short key-value pairs by which objects are selected."""
    annotations: Map[str, str] = EMPTY
    """Free key-value pairs for tools; nothing selects by them."""
    owner_references: Annotated[tuple[OwnerReference, ...], merge_by("uid")] = ()
    """The objects this one depends on. When all of them are gone, it is collected as garbage."""
    finalizers: Annotated[tuple[str, ...], MERGE_SET] = ()
    """Names of those who must act before the object may be removed; each takes its own name out when done."""
    managed_fields: Annotated[tuple[ManagedFieldsEntry, ...] | None, ATOMIC] = None
    """Which writer owns which fields. Kept by the server; most users can ignore it."""


@api_type("meta.v1")
class ShardInfo:
    """Which part of a collection a list holds."""

    selector: Annotated[str, REQUIRED] = ""
    """The shard selector the list was asked with."""


@api_type("meta.v1")
class ListMeta:
    """What every list carries beside its items."""

    self_link: str = ""
    """Not used any more; always empty."""
    resource_version: str = ""
    """The version of the store the list shows. A watch may start from it."""
    continue_: str = ""
    """A token that asks for the next part of a list that was cut by `limit`."""
    remaining_item_count: Int64 | None = None
    """How many items follow this part, if the server knows."""
    shard_info: ShardInfo | None = None
    """Set when the list holds only one shard of the collection."""


@api_type("meta.v1")
class LabelSelectorRequirement:
    """One condition on the value of a label."""

    key: Annotated[str, REQUIRED] = ""
    """The label's key."""
    operator: Annotated[LabelSelectorOperator, REQUIRED] = ""
    """How the label is compared with `values`: In, NotIn, Exists or DoesNotExist."""
    values: Annotated[tuple[str, ...], ATOMIC] = ()
    """The values for In and NotIn, which need at least one; Exists and DoesNotExist take none."""


@api_type("meta.v1", atomic=True)
class LabelSelector:
    """Selects objects by their labels. All conditions must hold; an empty selector selects everything."""

    match_labels: Map[str, str] = EMPTY
    """Labels that must be there with exactly these values."""
    match_expressions: Annotated[tuple[LabelSelectorRequirement, ...], ATOMIC] = ()
    """Further conditions on labels."""


@api_type("meta.v1")
class Condition:
    """One observed aspect of an object's state."""

    type: Annotated[str, REQUIRED] = ""
    """The aspect, in CamelCase."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    observed_generation: Int64 = 0
    """The generation of the object on which the judgement is based."""
    last_transition_time: Annotated[Time | None, REQUIRED] = None
    """When the status last changed from one value to another."""
    reason: Annotated[str, REQUIRED] = ""
    """A CamelCase word for programs that says why."""
    message: Annotated[str, REQUIRED] = ""
    """A sentence for people that says why."""


@api_type("meta.v1")
class Preconditions:
    """What must still be true of an object for a deletion to go ahead."""

    uid: UID | None = None
    """The uid the object must have."""
    resource_version: str | None = None
    """The resourceVersion the object must have."""


@api_type("meta.v1")
class DeleteOptions:
    """How an object is to be deleted."""

    kind: str = "DeleteOptions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    grace_period_seconds: Int64 | None = None
    """The seconds to allow for a clean end; 0 removes at once, none takes the kind's default."""
    preconditions: Preconditions | None = None
    """What must hold of the object, or the deletion is refused with a conflict."""
    orphan_dependents: bool | None = None
    """Outdated form of propagationPolicy: true orphans what the object owns."""
    propagation_policy: DeletionPropagation | None = None
    """What becomes of owned objects: "Orphan", "Background" or "Foreground"."""
    dry_run: Annotated[tuple[str, ...], ATOMIC] = ()
    """"All" runs every check and changes nothing."""
    ignore_store_read_error_with_cluster_breaking_potential: bool | None = None
    """Remove an object whose stored form cannot be read, skipping finalizers and preconditions. Dangerous."""


@api_type("meta.v1")
class StatusCause:
    """One of several reasons for a refusal."""

    reason: CauseType = ""
    """A word for programs."""
    message: str = ""
    """A sentence for people."""
    field: str = ""
    """The path of the field at fault, such as `spec.ports[0].port`."""


@api_type("meta.v1")
class StatusDetails:
    """What a refusal was about."""

    name: str = ""
    """The object's name."""
    group: str = ""
    """The API group of the object."""
    kind: str = ""
    """The kind or resource of the object."""
    uid: UID = ""
    """The object's uid."""
    causes: Annotated[tuple[StatusCause, ...], ATOMIC] = ()
    """The single reasons, one per field at fault."""
    retry_after_seconds: Int32 = 0
    """How long to wait before trying again; 0 if trying again will not help."""


@api_type("meta.v1")
class Status:
    """The answer to a request that returns no object: an error, or a success without content."""

    kind: str = "Status"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ListMeta = field(default_factory=ListMeta)
    """List metadata; only `continue` is ever set."""
    status: str = ""
    """"Success" or "Failure"."""
    message: str = ""
    """What happened, for people."""
    reason: StatusReason = ""
    """What happened, for programs."""
    details: StatusDetails | None = None
    """What it happened to."""
    code: Int32 = 0
    """The HTTP status code; 0 if none is known."""
