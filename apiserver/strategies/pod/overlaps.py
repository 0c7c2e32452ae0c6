"""Files of a volume that would land on one another: a path that equals another's, or lies inside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from podwright.api.quoting import quote

JSON = dict[str, Any]
Placed = tuple[str, str]  # a path, and what puts a file there ("" when the volume has one source)

_CERTIFICATE = (
    ("certificateChainPath", "PodCertificate chain"),
    ("keyPath", "PodCertificate key"),
    ("credentialBundlePath", "PodCertificate credential bundle"),
)


def overlapping_paths(volumes: Sequence[JSON]) -> Iterable[str]:
    """Return one warning for each pair of files of a volume that collide."""
    for volume in volumes:
        name = quote(volume.get("name") or "")
        for kind, shown in (("configMap", "ConfigMap"), ("secret", "Secret"), ("downwardAPI", "DownwardAPI")):
            source = volume.get(kind)
            if source and source.get("items"):
                referred = source.get("name") or source.get("secretName")
                what = f"{shown} {quote(referred)}" if referred and kind != "downwardAPI" else shown
                yield from _warn(name, what, [(item.get("path") or "", "") for item in source["items"]])
        projected = volume.get("projected")
        if projected:
            placed: list[Placed] = []
            for source in projected.get("sources") or ():
                if not source:
                    yield f"volume {name} (Projected) has no sources provided"
                placed += _placed(source)
            yield from _warn(name, "Projected", placed)


def _warn(name: str, what: str, placed: Sequence[Placed]) -> Iterable[str]:
    seen: list[Placed] = []
    for path, source in placed:
        entry = (path.rstrip("/"), source)
        for other in seen:
            if _collide(entry, other):
                yield f"volume {name} ({what}): overlapping paths: {_show(entry)} with {_show(other)}"
        seen.append(entry)


def _collide(one: Placed, other: Placed) -> bool:
    if not one[0] or not other[0]:
        return False
    first, second = f"{one[0]}/", f"{other[0]}/"
    return first.startswith(second) or second.startswith(first)


def _show(placed: Placed) -> str:
    return f"{quote(placed[0])} ({placed[1]})" if placed[1] else quote(placed[0])


def _placed(source: JSON) -> list[Placed]:
    for kind, shown in (("configMap", "ConfigMap"), ("secret", "Secret")):
        part = source.get(kind)
        if part is not None and part.get("items"):
            what = f"{shown} {quote(part.get('name') or '')}"
            return [(item.get("path") or "", what) for item in part["items"]]
    downward = source.get("downwardAPI")
    if downward is not None and downward.get("items"):
        return [(item.get("path") or "", "DownwardAPI") for item in downward["items"]]
    token = source.get("serviceAccountToken")
    if token is not None:
        return [(token.get("path") or "", "ServiceAccountToken")]
    bundle = source.get("clusterTrustBundle")
    if bundle is not None:
        name = bundle.get("name") or bundle.get("signerName") or ""
        return [(bundle.get("path") or "", f"ClusterTrustBundle {quote(name)}")]
    certificate: JSON = source.get("podCertificate") or {}
    return [(certificate[name], what) for name, what in _CERTIFICATE if certificate.get(name)]
