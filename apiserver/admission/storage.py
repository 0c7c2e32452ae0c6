"""Claims without a class get the default one, and volumes and claims stay until nothing uses them any more."""

from __future__ import annotations

from typing import Any, Final

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
