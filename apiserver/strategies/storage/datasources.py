"""From what a claim's volume is filled: two fields that say the same, the newer of which may say more."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_OLD_SOURCES = {("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot")}


def keep_known_source(spec: JSON, before: JSON) -> None:
    """Drop what the older field never could say, and references into other namespaces; what was there may stay."""
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and before.get("dataSource") is None and _identity(source) not in _OLD_SOURCES:
        spec.pop("dataSource")
    if reference is not None and reference.get("namespace") and before.get("dataSourceRef") is None:
        spec.pop("dataSourceRef")


def match_sources(spec: JSON) -> None:
    """Fill in the one of both fields that is missing."""
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and reference is None:
        spec["dataSourceRef"] = {"apiGroup": None, **source}
    elif reference is not None and source is None and not reference.get("namespace"):
        spec["dataSource"] = {name: reference.get(name) for name in ("apiGroup", "kind", "name")}


def _identity(source: JSON) -> tuple[str, str]:
    return source.get("apiGroup") or "", source.get("kind") or ""
