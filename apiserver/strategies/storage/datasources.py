"""From what a claim's volume is filled: two fields that say the same, the newer of which may say more."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_FIELDS = ("dataSource", "dataSourceRef")
_OLD_SOURCES = {("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot")}


def keep_known_source(spec: JSON, before: JSON) -> None:
    """Drop references into other namespaces, and what the older field alone never could say; what was there stays."""
    if (spec.get("dataSourceRef") or {}).get("namespace") and before.get("dataSourceRef") is None:
        spec.pop("dataSourceRef")
    if spec.get("dataSourceRef") is not None or any(before.get(name) is not None for name in _FIELDS):
        return
    source = spec.get("dataSource")
    if source is not None and _identity(source) not in _OLD_SOURCES:
        spec.pop("dataSource")


def match_sources(spec: JSON) -> None:
    """Fill in the one of both fields that is missing."""
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and reference is None:
        spec["dataSourceRef"] = {"apiGroup": None, **source}
    elif reference is not None and source is None and not reference.get("namespace"):
        spec["dataSource"] = {name: reference.get(name) for name in ("apiGroup", "kind", "name")}


def _identity(source: JSON) -> tuple[str, str]:
    return source.get("apiGroup") or "", source.get("kind") or ""
