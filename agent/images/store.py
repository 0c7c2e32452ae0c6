"""The node's image store: an OCI image layout on disk plus each layer unpacked once.

    <root>/oci-layout index.json blobs/sha256/<hex>     the images
    <root>/layers/<diff id hex>/                        unpacked, read-only, shared by every image and container

The agents of one machine may share a store. A folder under layers/ is complete or absent (it is renamed into place);
what a crash left half-done begins with a dot and is removed by whoever opens the store and gets its lock.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from podwright.agent.images.blobs import BlobError, Blobs
from podwright.agent.images.index import Index
from podwright.agent.images.manifest import (
    Descriptor,
    ManifestError,
    diff_ids,
    image_config,
    is_index,
    parse_manifest,
    select_platform,
)
from podwright.agent.images.reference import InvalidReference, Reference, parse
from podwright.agent.images.unpack import UnpackError, open_layer, unpack
from podwright.agent.pods.ports import HostError, Image

Progress = Callable[[str, int, int], None]
"""Told (what, bytes done, bytes in all) while an image comes in."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


class ImageStore:
    """Images of one node or of all nodes of one machine; implements the `Images` port."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = Blobs(root)
        self.index = Index(root)
        self._layers = root / "layers"
        self._layers.mkdir(exist_ok=True)
        self._images: dict[str, Image] = {}  # by manifest digest
        self._pulls: dict[str, asyncio.Task[Image]] = {}

    async def find(self, reference: str) -> Image | None:
        """Look an image up by name, name@digest or id. Raises HostError(InvalidImageName)."""
        names = self.index.names()
        if reference.startswith("sha256:"):
            for image in await self.list():
                if image.id == reference:
                    return image
            return None
        ref = _parse(reference)
        target = names.get(f"{ref.name}@{ref.digest}" if ref.digest else str(ref))
        return await self._load(target) if target else None

    async def list(self) -> list[Image]:
        """Every complete image, once each."""
        seen = {d.digest: d for d in self.index.names().values()}
        found: list[Image] = []
        for target in seen.values():
            image = await self._load(target)
            if image:
                found.append(image)
        return found

    async def pull(
        self, reference: str, credentials: Sequence[Mapping[str, Any]] = (), progress: Progress = no_progress
    ) -> Image:
        """Fetch from the registry that the name says. Raises HostError(ErrImagePull, InvalidImageName).

        Callers that ask for one reference at the same time with the same credentials share one transfer.
        """
        ref = _parse(reference)
        key = f"{ref} {json.dumps(list(credentials), sort_keys=True)}"
        task = self._pulls.get(key)
        if task is None:
            task = asyncio.create_task(self._pull(ref, credentials, progress), name=f"pull {ref}")
            self._pulls[key] = task
            task.add_done_callback(lambda _: self._pulls.pop(key, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Cancel transfers under way."""
        tasks = list(self._pulls.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pull(self, ref: Reference, credentials: Sequence[Mapping[str, Any]], progress: Progress) -> Image:
        from podwright.agent.images.registry import RegistryError, fetch_image

        try:
            target = await fetch_image(ref, self.blobs, credentials, progress, platform.machine())
            await self.name({str(ref): target, f"{ref.name}@{target.digest}": target})
        except RegistryError as e:
            raise HostError("ErrImagePull", str(e)) from e
        image = await self._load(target)
        if image is None:  # another process removed it this very moment
            raise HostError("ErrImagePull", f"{ref} was removed while it came in")
        return image

    async def name(self, names: Mapping[str, Descriptor]) -> None:
        """Make names point at manifests whose blobs are here, unpacking what is not unpacked yet."""
        for target in {d.digest: d for d in names.values()}.values():
            await self._prepare(target)
        await asyncio.to_thread(self.index.set, names)

    async def import_archive(self, path: Path, name: str = "", progress: Progress = no_progress) -> list[str]:
        """Take in an archive as `docker save` or an OCI tool writes it; returns the names now known.

        `name` is for archives whose images carry none. Raises HostError(ErrImageImport).
        """
        from podwright.agent.images.archive import ArchiveError, read_archive

        try:
            names = await asyncio.to_thread(read_archive, path, self.blobs, name, platform.machine(), progress)
            await self.name(names)
        except (ArchiveError, ManifestError, BlobError, UnpackError, InvalidReference) as e:
            raise HostError("ErrImageImport", f"cannot import {path}: {e}", retry=False) from e
        return list(names)

    async def remove(self, reference: str) -> bool:
        """Forget a name. Blobs and layers that nothing names any more go with `collect`."""
        return await asyncio.to_thread(self.index.drop, str(_parse(reference)))

    async def collect(self) -> int:
        """Delete blobs and layers that no name needs; returns bytes freed. Nobody may pull or run pods meanwhile."""
        return await asyncio.to_thread(self._collect)

    # ---- one manifest --------------------------------------------------------------------------------------------

    async def _load(self, target: Descriptor) -> Image | None:
        known = self._images.get(target.digest)
        if known is None:
            try:
                known = self._read(await self._prepare(target))
            except BlobError:
                return None
        names = tuple(n for n, d in self.index.names().items() if d.digest == target.digest)
        if names != known.names:
            pulled = next((n for n in names if "@" in n), "")
            known = Image(known.id, pulled, names, known.size_bytes, known.layers, known.config)
        self._images[target.digest] = known
        return known

    def _read(self, target: Descriptor) -> Image:
        manifest = parse_manifest(json.loads(self.blobs.read(target.digest)))
        config = json.loads(self.blobs.read(manifest.config.digest))
        return Image(
            id=manifest.config.digest,
            digest="",
            names=(),
            size_bytes=manifest.config.size + sum(layer.size for layer in manifest.layers),
            layers=tuple(str(self._layer(diff)) for diff in diff_ids(config)),
            config=image_config(config),
        )

    async def _prepare(self, target: Descriptor) -> Descriptor:
        """Resolve an index to this machine's manifest, unpack the layers that are not yet; returns the manifest."""
        data = json.loads(self.blobs.read(target.digest))
        if is_index(data):
            target = select_platform(data, platform.machine())
            data = json.loads(self.blobs.read(target.digest))
        manifest = parse_manifest(data)
        config = json.loads(self.blobs.read(manifest.config.digest))
        diffs = diff_ids(config)
        if len(diffs) != len(manifest.layers):
            msg = f"the image has {len(manifest.layers)} layers, its config lists {len(diffs)}"
            raise ManifestError(msg)
        for diff, layer in zip(diffs, manifest.layers, strict=True):
            if not self._layer(diff).exists():
                await asyncio.to_thread(self._unpack, diff, layer.digest)
        return target

    def _layer(self, diff_id: str) -> Path:
        return self._layers / diff_id.removeprefix("sha256:")

    def _unpack(self, diff_id: str, digest: str) -> None:
        """Unpack one layer, or wait for the process that is doing so."""
        final = self._layer(diff_id)
        self.blobs.path(diff_id)  # refuses what is no digest before it becomes part of a path
        lock = self._layers / f".{final.name}.lock"
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if final.exists():
                return
            new = self._layers / f".{final.name}.new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(mode=0o755)
            with open_layer(self.blobs.path(digest)) as stream:
                unpack(stream, new)
            os.sync()
            new.rename(final)
            lock.unlink(missing_ok=True)

    def _collect(self) -> int:
        freed = 0
        with self.index.locked():
            blobs: set[str] = set()
            layers: set[str] = set()
            for target in self.index.names().values():
                self._mark(target.digest, blobs, layers)
            for path in self.blobs.root.iterdir():
                if not path.name.startswith(".") and f"sha256:{path.name}" not in blobs:
                    freed += path.stat().st_size
                    path.unlink()
            for path in self._layers.iterdir():
                if path.is_dir() and not path.name.startswith(".") and path.name not in layers:
                    shutil.rmtree(path)
        self._images.clear()
        return freed

    def _mark(self, digest: str, blobs: set[str], layers: set[str]) -> None:
        if not self.blobs.has(digest):
            return
        blobs.add(digest)
        data = json.loads(self.blobs.read(digest))
        for entry in data.get("manifests") or ():
            self._mark(str(entry["digest"]), blobs, layers)
        if "config" in data and self.blobs.has(data["config"]["digest"]):
            manifest = parse_manifest(data)
            blobs.add(manifest.config.digest)
            blobs.update(layer.digest for layer in manifest.layers)
            config = json.loads(self.blobs.read(manifest.config.digest))
            layers.update(d.removeprefix("sha256:") for d in diff_ids(config))


def _parse(reference: str) -> Reference:
    try:
        return parse(reference)
    except InvalidReference as e:
        msg = f'Failed to apply default image tag "{reference}": couldn\'t parse image name "{reference}": {e}'
        raise HostError("InvalidImageName", msg, retry=False) from e
