"""Image archives: tar files as `docker save` writes them, and OCI image layouts packed as tar. Blocking."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from podwright.agent.images.blobs import Blobs
from podwright.agent.images.manifest import (
    OCI_CONFIG,
    OCI_LAYER,
    OCI_MANIFEST,
    Descriptor,
    descriptor,
    is_index,
    parse_manifest,
    select_platform,
)
from podwright.agent.images.reference import parse

_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


class ArchiveError(Exception):
    """The file is no image archive, or an incomplete one."""


def read_archive(
    path: Path, blobs: Blobs, name: str, machine: str, progress: Callable[[str, int, int], None]
) -> dict[str, Descriptor]:
    """Copy the blobs into the store and return name -> manifest. Raises ArchiveError, ManifestError, BlobError."""
    try:
        with tarfile.open(path, mode="r:*") as tar:
            archive = _Archive(tar, blobs, progress)
            if archive.has("index.json"):
                found = _oci(archive, name, machine)
            elif archive.has("manifest.json"):
                found = _docker(archive, name)
            else:
                msg = "it has neither index.json (OCI) nor manifest.json (docker save)"
                raise ArchiveError(msg)
    except (OSError, tarfile.TarError, json.JSONDecodeError, KeyError) as e:
        msg = f"not a readable image archive: {e}"
        raise ArchiveError(msg) from e
    if not found:
        msg = "its images have no name: give one"
        raise ArchiveError(msg)
    return found


class _Archive:
    """Members of a seekable tar by name."""

    def __init__(self, tar: tarfile.TarFile, blobs: Blobs, progress: Callable[[str, int, int], None]) -> None:
        self._tar = tar
        self._blobs = blobs
        self._progress = progress
        self._members = {m.name.removeprefix("./"): m for m in tar.getmembers() if not m.isdir()}

    def has(self, name: str) -> bool:
        return name in self._members

    def json(self, name: str) -> Any:
        return json.loads(self._open(name).read())

    def take(self, name: str, expected: str = "") -> Descriptor:
        """Store a member as a blob."""
        size = self._members[name].size if name in self._members else 0
        digest = self._blobs.add(self._chunks(name, size), expected)
        return Descriptor("", digest, size)

    def take_blob(self, digest: str) -> None:
        """Store a blob of an OCI layout, unless it is here."""
        if not self._blobs.has(digest):
            self.take(f"blobs/{digest.replace(':', '/')}", digest)

    def _chunks(self, name: str, size: int) -> Iterator[bytes]:
        done = 0
        stream = self._open(name)
        while chunk := stream.read(1 << 20):
            done += len(chunk)
            self._progress(name, done, size)
            yield chunk

    def _open(self, name: str) -> IO[bytes]:
        stream = self._tar.extractfile(self._members[name]) if name in self._members else None
        if stream is None:
            msg = f"it lacks {name}"
            raise ArchiveError(msg)
        return stream

    def put(self, content: Mapping[str, Any]) -> Descriptor:
        """Store a manifest that we make."""
        data = json.dumps(content, separators=(",", ":")).encode()
        return Descriptor(OCI_MANIFEST, self._blobs.add(data), len(data))


def _oci(archive: _Archive, name: str, machine: str) -> dict[str, Descriptor]:
    found: dict[str, Descriptor] = {}
    entries: list[dict[str, Any]] = archive.json("index.json").get("manifests") or []
    for entry in entries:
        target = descriptor(entry)
        archive.take_blob(target.digest)
        data = archive.json(f"blobs/{target.digest.replace(':', '/')}")
        if is_index(data):
            target = select_platform(data, machine)
            archive.take_blob(target.digest)
            data = archive.json(f"blobs/{target.digest.replace(':', '/')}")
        manifest = parse_manifest(data)
        for part in (manifest.config, *manifest.layers):
            archive.take_blob(part.digest)
        annotations = entry.get("annotations") or {}
        given = next((str(annotations[key]) for key in _NAMES if "/" in str(annotations.get(key, ""))), "")
        tag = str(annotations.get(_NAMES[1], ""))
        chosen = name or given or (tag if ":" in tag else "")
        if chosen:
            found[str(parse(chosen))] = target
    return found


def _docker(archive: _Archive, name: str) -> dict[str, Descriptor]:
    found: dict[str, Descriptor] = {}
    images: list[dict[str, Any]] = archive.json("manifest.json")
    for image in images:
        config = archive.take(image["Config"])
        layers = [archive.take(layer) for layer in image["Layers"]]
        target = archive.put(
            {
                "schemaVersion": 2,
                "mediaType": OCI_MANIFEST,
                "config": {"mediaType": OCI_CONFIG, "digest": config.digest, "size": config.size},
                "layers": [{"mediaType": OCI_LAYER, "digest": d.digest, "size": d.size} for d in layers],
            }
        )
        for tag in [name] if name else image.get("RepoTags") or []:
            found[str(parse(tag))] = target
    return found
