"""Content-addressed blobs on disk, in the layout of an OCI image folder (`blobs/sha256/<hex>`).

A blob is complete or absent: it is written beside its place, checked against its digest, and renamed into it. Several
processes may use one folder.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Self


class BlobError(Exception):
    """A blob is missing, or is not what its digest promises."""


class Blobs:
    """The blobs below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root / "blobs" / "sha256"
        self.root.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Where the blob is or would be. Raises BlobError for a digest that is not sha256."""
        algorithm, _, value = digest.partition(":")
        if algorithm != "sha256" or len(value) != 64 or not all(c in "0123456789abcdef" for c in value):
            msg = f"cannot use digest {digest!r}: only sha256 is supported"
            raise BlobError(msg)
        return self.root / value

    def has(self, digest: str) -> bool:
        """Whether the blob is complete here."""
        return self.path(digest).exists()

    def read(self, digest: str) -> bytes:
        """The whole blob (manifests and configs, not layers)."""
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError:
            msg = f"cannot read blob {digest}: it is not in the store; import or pull its image again"
            raise BlobError(msg) from None

    def writer(self) -> BlobWriter:
        """Begin a blob of yet unknown digest."""
        return BlobWriter(self)

    def add(self, chunks: bytes | Iterable[bytes], expected: str = "") -> str:
        """Store a blob and return its digest. Raises BlobError when it is not `expected`."""
        with self.writer() as writer:
            for chunk in (chunks,) if isinstance(chunks, bytes) else chunks:
                writer.write(chunk)
            return writer.commit(expected)


class BlobWriter:
    """Writes one blob; leaving the `with` block without commit() removes what was written."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._hash = hashlib.sha256()
        fd, self._name = tempfile.mkstemp(prefix=".ingest-", dir=blobs.root)
        self._file: IO[bytes] = os.fdopen(fd, "wb")
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._hash.update(chunk)
        self.size += len(chunk)
        self._file.write(chunk)

    def commit(self, expected: str = "") -> str:
        """Check, make durable and move into place."""
        digest = f"sha256:{self._hash.hexdigest()}"
        if expected and expected != digest:
            msg = f"cannot store blob {expected}: its content has digest {digest}; the transfer is damaged, try again"
            raise BlobError(msg)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        Path(self._name).rename(self._blobs.path(digest))
        return digest

    def __exit__(self, *_: object) -> None:
        self._file.close()
        Path(self._name).unlink(missing_ok=True)
