"""The rules of PersistentVolumes: where the data is never changes; whose it is does."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, ClassVar

from podwright.api import field_errors, names
from podwright.api.core.persistentvolume import PersistentVolumeSpec, VolumeNodeAffinity
from podwright.api.field_errors import FieldError
from podwright.api.times import format_time
from podwright.apiserver.strategies import meta, shown
from podwright.apiserver.strategies.internals import internal_form, internal_text
from podwright.apiserver.strategies.pod.update import difference
from podwright.apiserver.strategies.pod.warnings import VOLUMES, node_term_warnings
from podwright.apiserver.strategies.storage.sources import SOURCES
from podwright.apiserver.strategies.storage.volumespec import default_volume_spec, validate_volume_spec
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_RECYCLE = (
    "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is"
    " to use dynamic provisioning."
)
_NOTES = {
    "volume.beta.kubernetes.io/storage-class": 'deprecated since v1.8; use "storageClassName" attribute instead',
    "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead',
}
_ADDED = "controllerExpandSecretRef"  # may come later
_WARNED = ("cephfs", "photonPersistentDisk", "scaleIO", "storageos", "glusterfs", "rbd")
# The order in which a changed source is shown.
_SHOWN = (
    "GCEPersistentDisk", "AWSElasticBlockStore", "HostPath", "Glusterfs", "NFS", "RBD", "Quobyte", "ISCSI",
    "FlexVolume", "Cinder", "CephFS", "FC", "Flocker", "AzureFile", "VsphereVolume", "AzureDisk",
    "PhotonPersistentDisk", "PortworxVolume", "ScaleIO", "Local", "StorageOS", "CSI",
)  # fmt: skip


class PersistentVolumeStrategy(Strategy):
    """Persistent volumes."""

    returns_object_on_delete: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in that the volume stays when its claim goes, and the spec's defaults."""
        spec: JSON = obj["spec"]
        default_volume_spec(spec)
        if not spec.get("persistentVolumeReclaimPolicy"):
            spec["persistentVolumeReclaimPolicy"] = "Retain"
        status: JSON = obj["status"]
        if not status.get("phase"):
            status["phase"] = "Pending"

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start pending."""
        obj["status"] = {"phase": "Pending", "lastPhaseTransitionTime": format_time(ctx.now)}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status."""
        keep(obj, old, "status")

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the spec, and note when the phase changes."""
        keep(obj, old, "spec")
        status, before = obj["status"], old.get("status") or {}
        since = "lastPhaseTransitionTime"
        if status.get("phase") != before.get("phase") and status.get(since) in {None, before.get(since)}:
            status[since] = format_time(ctx.now)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: list[FieldError] = []
        validate_volume_spec(errors, "spec", obj["spec"], obj["metadata"].get("name") or "")
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed volume, and what may not change."""
        rule = names.dns1123_subdomain
        errors = meta.repeated_on_update(obj, old, changes=0, creations=1, namespaced=False, name_rule=rule)
        errors += self.validate_create(obj, ctx) * 2
        spec, before = obj["spec"], old["spec"]
        _validate_source(errors, spec, before)
        if spec.get("volumeMode") != before.get("volumeMode"):
            errors.append(field_errors.invalid("volumeMode", spec.get("volumeMode"), "field is immutable"))
        affinity, former = spec.get("nodeAffinity"), before.get("nodeAffinity")
        if former is not None and affinity != former:
            text = "null" if affinity is None else internal_text(VolumeNodeAffinity, affinity)
            errors.append(shown.ShownError("Invalid", "nodeAffinity", text, "field is immutable"))
        name = "volumeAttributesClassName"
        if before.get(name) is not None and spec.get(name) is None:
            errors.append(field_errors.forbidden(f"spec.{name}", "update from non-nil value to nil is forbidden"))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the metadata; any status is fine."""
        return meta.repeated_on_update(obj, old, namespaced=False, name_rule=names.dns1123_subdomain)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of what is on its way out."""
        return [] if ctx.subresource else list(_warnings(obj))


def _warnings(obj: JSON) -> Iterable[str]:
    spec: JSON = obj["spec"]
    for key, text in _NOTES.items():
        if key in (obj["metadata"].get("annotations") or {}):
            yield f"metadata.annotations[{key}]: {text}"
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        yield _RECYCLE
    required: JSON = (spec.get("nodeAffinity") or {}).get("required") or {}
    for index, term in enumerate(required.get("nodeSelectorTerms") or ()):
        where = f"spec.nodeAffinity.required.nodeSelectorTerms[{index}]"
        yield from node_term_warnings(where, term, values=False)
    for name in _WARNED:
        if spec.get(name) is not None:
            yield f"spec.{'storageOS' if name == 'storageos' else name}: {VOLUMES[name]}"


def _validate_source(errors: list[FieldError], spec: JSON, before: JSON) -> None:
    csi, former = spec.get("csi"), before.get("csi")
    if csi and former and former.get(_ADDED) is None and csi.get(_ADDED) is not None:
        spec = copy.deepcopy(spec)
        del spec["csi"][_ADDED]
    if any(spec.get(name) != before.get(name) for name in SOURCES):
        changes = difference(_form(before), _form(spec))
        detail = f"spec.persistentvolumesource is immutable after creation\n{changes}"
        errors.append(field_errors.forbidden("spec.persistentvolumesource", detail))


def _form(spec: JSON) -> dict[str, Any]:
    form = internal_form(PersistentVolumeSpec, spec)
    return {name: form[name] for name in _SHOWN}
