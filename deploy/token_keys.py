"""The keys that sign service-account tokens: a new one before the others, or the others away.

The control plane looks at the file every two seconds; nothing has to be restarted. It must never print a key.
"""

from __future__ import annotations

from pathlib import Path

from podwright.apiserver.authentication.signing_keys import load_keys, new_key, private_pem, public_pem
from podwright.deploy.certificates.files import write_file


def rotate(folder: Path) -> list[str]:
    """Put a new key before those of `<folder>/sa.key`; returns the ids, that of the new one first.

    Of the older keys only the public halves stay. Raises SigningKeyError, OSError.
    """
    path = folder / "sa.key"
    older = load_keys(path)
    _write(path, [private_pem(new_key()), *map(public_pem, older.public.values())])
    return list(load_keys(path).public)


def forget(folder: Path) -> list[str]:
    """Keep the key that signs alone; returns the ids of the others. Raises SigningKeyError, OSError."""
    path = folder / "sa.key"
    keys = load_keys(path)
    _write(path, [private_pem(keys.signer)])
    return [key_id for key_id in keys.public if key_id != keys.key_id]


def _write(path: Path, blocks: list[bytes]) -> None:
    write_file(path, b"".join(blocks), 0o600)
    write_file(path.with_suffix(".pub"), b"".join(map(public_pem, load_keys(path).public.values())), 0o644)
