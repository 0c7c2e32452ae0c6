"""Makes an image out of files: layers as reproducible tars, a config, a manifest; then it is like any other.

Blocking; call from a thread.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from podwright.agent.images.blobs import Blobs
from podwright.agent.images.manifest import ARCHITECTURES, OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, Descriptor


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a layer: content as bytes, a symlink's target as str, None for a folder."""

    content: bytes | str | None = None
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes into an image: layers (path -> entry), bottom first, and the OCI image config's `config` part."""

    layers: Sequence[Mapping[str, Entry]]
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])


def layer_tar(entries: Mapping[str, Entry]) -> bytes:
    """Pack a layer; the same entries give the same bytes (no times, sorted names)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, entry in sorted(entries.items()):
            info = tarfile.TarInfo(name.strip("/"))
            info.mode, info.uid, info.gid = entry.mode, entry.uid, entry.gid
            if entry.content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            elif isinstance(entry.content, str):
                info.type, info.linkname = tarfile.SYMTYPE, entry.content
                tar.addfile(info)
            else:
                info.size = len(entry.content)
                tar.addfile(info, io.BytesIO(entry.content))
    return out.getvalue()


def build(recipe: Recipe, blobs: Blobs) -> Descriptor:
    """Store the recipe's layers, config and manifest; returns the manifest's descriptor."""
    layers: list[dict[str, Any]] = []
    diffs: list[str] = []
    for entries in recipe.layers:
        tar = layer_tar(entries)
        diffs.append(f"sha256:{hashlib.sha256(tar).hexdigest()}")
        packed = gzip.compress(tar, compresslevel=6, mtime=0)
        layers.append({"mediaType": f"{OCI_LAYER}+gzip", "digest": blobs.add(packed), "size": len(packed)})
    machine = platform.machine()
    config = _json(
        {
            "architecture": ARCHITECTURES.get(machine, machine),
            "os": "linux",
            "config": dict(recipe.config),
            "rootfs": {"type": "layers", "diff_ids": diffs},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": OCI_CONFIG, "digest": blobs.add(config), "size": len(config)},
            "layers": layers,
        }
    )
    return Descriptor(OCI_MANIFEST, blobs.add(manifest), len(manifest))


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
