"""Defaults of pod volumes, one small function per source that has any.

A volume without a source is an emptyDir. Functions fill JSON dicts in place and are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from podwright.apiserver.strategies.pod.images import default_pull_policy
from podwright.apiserver.strategies.pod.references import default_field_ref, default_resource_ref
from podwright.apiserver.strategies.quantities import canonical_amount, default_resource_list

JSON = dict[str, Any]

DEFAULT_MODE: Final = 0o644
TOKEN_SECONDS: Final = 3600


def default_volume(volume: JSON) -> None:
    """Fill in the defaults of one entry of spec.volumes."""
    bare = True
    for name, source in volume.items():
        if name == "name" or source is None:
            continue
        bare = False
        default_source(name, source)
    if bare:
        volume["emptyDir"] = {}


def default_source(name: str, source: JSON) -> None:
    """Fill in the defaults of one source."""
    fill = _SOURCES.get(name)
    if fill is not None:
        fill(source)


def _mode(source: JSON) -> None:
    if source.get("defaultMode") is None:
        source["defaultMode"] = DEFAULT_MODE


def _downward(source: JSON) -> None:
    _mode(source)
    _downward_items(source)


def _downward_items(source: JSON) -> None:
    for item in source.get("items") or ():
        field, resource = item.get("fieldRef"), item.get("resourceFieldRef")
        if field is not None:
            default_field_ref(field)
        if resource is not None:
            default_resource_ref(resource)


def _projected(source: JSON) -> None:
    _mode(source)
    for projection in source.get("sources") or ():
        downward = projection.get("downwardAPI")
        if downward:
            _downward_items(downward)
        token = projection.get("serviceAccountToken")
        if token is not None and token.get("expirationSeconds") is None:
            token["expirationSeconds"] = TOKEN_SECONDS


def _host_path(source: JSON) -> None:
    if source.get("type") is None:
        source["type"] = ""


def _empty_dir(source: JSON) -> None:
    limit = source.get("sizeLimit")
    if limit is not None:
        source["sizeLimit"] = canonical_amount(limit)


def _image(source: JSON) -> None:
    if not source.get("pullPolicy"):
        source["pullPolicy"] = default_pull_policy(source.get("reference") or "")


def _ephemeral(source: JSON) -> None:
    template = source.get("volumeClaimTemplate")
    if template is None:
        return
    if template.get("metadata") is None:
        template["metadata"] = {}
    spec: JSON = template.get("spec") or {}
    template["spec"] = spec
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    resources: JSON = spec.get("resources") or {}
    spec["resources"] = resources
    default_resource_list(resources.get("limits"))
    default_resource_list(resources.get("requests"))


def _constants(**values: object) -> Callable[[JSON], None]:
    def fill(source: JSON) -> None:
        for name, value in values.items():
            if source.get(name) is None or (value and source[name] == ""):
                source[name] = value

    return fill


_SOURCES: dict[str, Callable[[JSON], None]] = {
    "configMap": _mode,
    "secret": _mode,
    "projected": _projected,
    "downwardAPI": _downward,
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "image": _image,
    "ephemeral": _ephemeral,
    "iscsi": _constants(iscsiInterface="default"),
    "rbd": _constants(pool="rbd", user="admin", keyring="/etc/ceph/keyring"),
    "azureDisk": _constants(cachingMode="ReadWrite", fsType="ext4", readOnly=False, kind="Shared"),
    "scaleIO": _constants(storageMode="ThinProvisioned", fsType="xfs"),
}
