"""Claims without a class get the default one, and volumes and claims stay until nothing uses them any more."""

from __future__ import annotations

from typing import Any, Final

from podwright.api.errors import forbidden
from podwright.api.quantity import compare
from podwright.api.resources import Resource, find
from podwright.api.times import parse_time
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin

JSON = dict[str, Any]
CLAIM_FINALIZER: Final = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER: Final = "kubernetes.io/pv-protection"
DEFAULT_NOTES: Final = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
_CANNOT_GROW = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)
_CLASS_NOTE = "volume.beta.kubernetes.io/storage-class"
_CLAIMS, _VOLUMES = find("persistentvolumeclaims"), find("persistentvolumes")
_CLASSES = find("storageclasses", "storage.k8s.io")
_FINALIZERS = {_CLAIMS.plural: CLAIM_FINALIZER, _VOLUMES.plural: VOLUME_FINALIZER}


class DefaultStorageClass(BasePlugin):
    """Names the default class in a claim that names none. The newest default counts, then the first by name."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of claims."""
        return resource is _CLAIMS and verb == "create"

    def admit(self, attributes: Attributes) -> None:
        """Fill in the class."""
        claim = attributes.obj
        if claim is None or claim["spec"].get("storageClassName") is not None:
            return
        if _CLASS_NOTE in (claim["metadata"].get("annotations") or {}):
            return
        defaults = [each for each in attributes.ctx.lookup.list(_CLASSES) if _is_default(each)]
        if defaults:
            claim["spec"]["storageClassName"] = min(defaults, key=_order)["metadata"]["name"]


def _is_default(storage_class: JSON) -> bool:
    notes: JSON = storage_class["metadata"].get("annotations") or {}
    return any(notes.get(name) == "true" for name in DEFAULT_NOTES)


def _order(storage_class: JSON) -> tuple[float, str]:
    metadata: JSON = storage_class["metadata"]
    return -parse_time(metadata["creationTimestamp"]).timestamp(), metadata["name"]


class ClaimGrowth(BasePlugin):
    """Lets a claim grow whose class says that its volumes can."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Updates of claims."""
        return resource is _CLAIMS and verb == "update"

    def validate(self, attributes: Attributes) -> None:
        """Refuse a larger request. Raises ApiError 403."""
        claim, old, ctx = attributes.obj, attributes.old, attributes.ctx
        if claim is None or old is None or ctx.subresource:
            return
        if compare(_storage(claim), _storage(old)) <= 0:
            return
        if (old.get("status") or {}).get("phase") != "Bound":
            raise forbidden(_CLAIMS.qualified, attributes.name, "Only bound persistent volume claims can be expanded")
        name = _class_of(claim)
        storage_class = ctx.lookup.get(_CLASSES, name) if name and name == _class_of(old) else None
        if not (storage_class or {}).get("allowVolumeExpansion"):
            raise forbidden(_CLAIMS.qualified, attributes.name, _CANNOT_GROW)


def _storage(claim: JSON) -> str:
    return ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage") or "0"


def _class_of(claim: JSON) -> str:
    notes: JSON = claim["metadata"].get("annotations") or {}
    return notes.get(_CLASS_NOTE) or claim["spec"].get("storageClassName") or ""


class StorageProtection(BasePlugin):
    """Adds the finalizers that keep volumes and claims while they are used."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of volumes and claims."""
        return resource in {_CLAIMS, _VOLUMES} and verb == "create"

    def admit(self, attributes: Attributes) -> None:
        """Add the finalizer."""
        if attributes.obj is None:
            return
        name = _FINALIZERS[attributes.ctx.resource.plural]
        finalizers: list[str] = attributes.obj["metadata"].setdefault("finalizers", [])
        if name not in finalizers:
            finalizers.append(name)
