"""Which name means which manifest: the store's `index.json`, as an OCI image layout keeps it.

Several agents share one store, so every change happens under a file lock and replaces the file in one step; readers
take no lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from podwright.agent.images.manifest import OCI_MANIFEST, Descriptor

_NAME = "org.opencontainers.image.ref.name"


class Index:
    """Names of images (normalized references) and the manifests they point at."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._path = root / "index.json"
        self._lock = root / ".lock"
        self._seen: tuple[int, int] = (0, 0)
        self._names: dict[str, Descriptor] = {}
        layout = root / "oci-layout"
        if not layout.exists():
            _replace(layout, {"imageLayoutVersion": "1.0.0"})

    def names(self) -> Mapping[str, Descriptor]:
        """Every name with its manifest; read again only when the file has changed."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_ino, found.st_mtime_ns)
        if stamp != self._seen:
            entries: list[dict[str, Any]] = json.loads(self._path.read_bytes())["manifests"]
            self._names = {
                e["annotations"][_NAME]: Descriptor(e["mediaType"], e["digest"], e["size"])
                for e in entries
                if _NAME in (e.get("annotations") or {})
            }
            self._seen = stamp
        return self._names

    def set(self, names: Mapping[str, Descriptor]) -> None:
        """Point each name at its manifest."""
        with self.locked():
            self._write({**self.names(), **names})

    def drop(self, name: str) -> bool:
        """Forget a name; tells whether it was there."""
        with self.locked():
            names = dict(self.names())
            found = names.pop(name, None)
            if found:
                self._write(names)
            return found is not None

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold the store's lock against other processes (blocks; call from a thread)."""
        with self._lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write(self, names: Mapping[str, Descriptor]) -> None:
        manifests = [
            {
                "mediaType": d.media_type or OCI_MANIFEST,
                "digest": d.digest,
                "size": d.size,
                "annotations": {_NAME: name},
            }
            for name, d in sorted(names.items())
        ]
        _replace(self._path, {"schemaVersion": 2, "manifests": manifests})


def _replace(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file so that a reader sees the old one or the new one, also after a power cut."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    with new.open("w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
