"""The tables of volumes, claims, and what provides them."""

from __future__ import annotations

from collections.abc import Sequence

from podwright.apiserver.printing.printer import AGE, JSON, NAME, UNSET, Column, Printer, age, meta, name, section

_SHORT_MODES = (
    ("ReadWriteOnce", "RWO"),
    ("ReadOnlyMany", "ROX"),
    ("ReadWriteMany", "RWX"),
    ("ReadWriteOncePod", "RWOP"),
)
_CLASS_NOTE = "volume.beta.kubernetes.io/storage-class"
_CLASS = Column("StorageClass", "The class it belongs to.")
_ATTRIBUTES = Column("VolumeAttributesClass", "The class of attributes it should have.")
_MODE = Column("VolumeMode", "Filesystem, or Block.", priority=1)


def _modes(modes: Sequence[str] | None) -> str:
    return ",".join(short for mode, short in _SHORT_MODES if mode in (modes or ()))


def _class(obj: JSON) -> str:
    noted = (meta(obj).get("annotations") or {}).get(_CLASS_NOTE)
    return section(obj, "spec").get("storageClassName") or "" if noted is None else noted


def _ending(obj: JSON) -> str:
    phase = section(obj, "status").get("phase") or ""
    return "Terminating" if meta(obj).get("deletionTimestamp") else phase


def _mode(obj: JSON) -> str:
    return section(obj, "spec").get("volumeMode") or UNSET


def _attributes(obj: JSON) -> str:
    return section(obj, "spec").get("volumeAttributesClassName") or UNSET


def _storage(amounts: JSON | None) -> str:
    return (amounts or {}).get("storage") or ""


def _claim_of(spec: JSON) -> str:
    claim = spec.get("claimRef")
    return "" if claim is None else f"{claim.get('namespace') or ''}/{claim.get('name') or ''}"


VOLUME = Printer(
    (
        NAME,
        Column("Capacity", "How much it holds."),
        Column("Access Modes", "How it can be mounted."),
        Column("Reclaim Policy", "What becomes of it when its claim goes."),
        Column("Status", "Available, Bound, Released or Failed."),
        Column("Claim", "The claim it is bound to."),
        _CLASS,
        _ATTRIBUTES,
        Column("Reason", "What failed."),
        AGE,
        _MODE,
    ),
    lambda obj, now: [
        name(obj),
        _storage(section(obj, "spec").get("capacity")),
        _modes(section(obj, "spec").get("accessModes")),
        section(obj, "spec").get("persistentVolumeReclaimPolicy") or "",
        _ending(obj),
        _claim_of(section(obj, "spec")),
        _class(obj),
        _attributes(obj),
        section(obj, "status").get("reason") or "",
        age(obj, now),
        _mode(obj),
    ],
)


def _bound(obj: JSON) -> tuple[str, str]:
    """Capacity and access modes, once there is a volume."""
    if not section(obj, "spec").get("volumeName"):
        return "", ""
    status = section(obj, "status")
    return _storage(status.get("capacity")) or "0", _modes(status.get("accessModes"))


CLAIM = Printer(
    (
        NAME,
        Column("Status", "Pending, Bound or Lost."),
        Column("Volume", "The volume it is bound to."),
        Column("Capacity", "How much its volume holds."),
        Column("Access Modes", "How its volume can be mounted."),
        _CLASS,
        _ATTRIBUTES,
        AGE,
        _MODE,
    ),
    lambda obj, now: [
        name(obj),
        _ending(obj),
        section(obj, "spec").get("volumeName") or "",
        *_bound(obj),
        _class(obj),
        _attributes(obj),
        age(obj, now),
        _mode(obj),
    ],
)

_DEFAULT_NOTES = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_DEFAULT_ATTRIBUTES_NOTES = ("volumeattributesclass.alpha.kubernetes.io/is-default-class",)


def _marked(obj: JSON, marks: Sequence[str]) -> str:
    """The name, with a mark on a default class."""
    notes = meta(obj).get("annotations") or {}
    return f"{name(obj)} (default)" if any(notes.get(mark) == "true" for mark in marks) else name(obj)


STORAGE_CLASS = Printer(
    (
        NAME,
        Column("Provisioner", "Who makes the volumes."),
        Column("ReclaimPolicy", "What becomes of volumes when their claim goes."),
        Column("VolumeBindingMode", "When claims get their volume."),
        Column("AllowVolumeExpansion", "Whether claims may grow."),
        AGE,
    ),
    lambda obj, now: [
        _marked(obj, _DEFAULT_NOTES),
        obj.get("provisioner") or "",
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ],
)
ATTRIBUTES_CLASS = Printer(
    (NAME, Column("DriverName", "The driver that gives the attributes."), AGE),
    lambda obj, now: [_marked(obj, _DEFAULT_ATTRIBUTES_NOTES), obj.get("driverName") or "", age(obj, now)],
)


def _tokens(spec: JSON) -> str:
    return ",".join(request.get("audience") or "" for request in spec.get("tokenRequests") or ()) or UNSET


DRIVER = Printer(
    (
        NAME,
        Column("AttachRequired", "Whether volumes are attached before they are mounted.", "boolean"),
        Column("PodInfoOnMount", "Whether the driver is told of the pod.", "boolean"),
        Column("StorageCapacity", "Whether pods wait until there is room.", "boolean"),
        Column("TokenRequests", "Audiences of the tokens the driver gets."),
        Column("RequiresRepublish", "Whether volumes are published again now and then.", "boolean"),
        Column("Modes", "For which volumes the driver is meant."),
        AGE,
    ),
    lambda obj, now: [
        name(obj),
        section(obj, "spec").get("attachRequired", True),
        bool(section(obj, "spec").get("podInfoOnMount")),
        bool(section(obj, "spec").get("storageCapacity")),
        _tokens(section(obj, "spec")),
        bool(section(obj, "spec").get("requiresRepublish")),
        ",".join(section(obj, "spec").get("volumeLifecycleModes") or ()) or "<none>",
        age(obj, now),
    ],
)
CSI_NODE = Printer(
    (NAME, Column("Drivers", "How many drivers the node has.", "integer"), AGE),
    lambda obj, now: [name(obj), len(section(obj, "spec").get("drivers") or ()), age(obj, now)],
)
ATTACHMENT = Printer(
    (
        NAME,
        Column("Attacher", "The driver that attaches.", format="name"),
        Column("PV", "The volume."),
        Column("Node", "The node."),
        Column("Attached", "Whether it is attached.", "boolean"),
        AGE,
    ),
    lambda obj, now: [
        name(obj),
        section(obj, "spec").get("attacher") or "",
        (section(obj, "spec").get("source") or {}).get("persistentVolumeName") or "",
        section(obj, "spec").get("nodeName") or "",
        bool(section(obj, "status").get("attached")),
        age(obj, now),
    ],
)
