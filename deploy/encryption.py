"""The cluster's own encryption configuration: Secrets are sealed from the first day, with a key made here.

The file is like one that a user writes. It must never be made anew while it is there: what it sealed would be lost.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

from podwright.apiserver.encryption.configuration import API_VERSION, KIND

_KEY_BYTES: Final = 32


def ensure_configuration(path: Path) -> Path:
    """Write the file, readable by its owner alone, unless it is there. Blocking. Raises OSError."""
    if path.exists():
        return path
    new = path.with_name(f"{path.name}.new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        json.dump(_configuration(), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    return path


def _configuration() -> dict[str, Any]:
    key = {"name": "key-1", "secret": base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}
    providers: list[dict[str, Any]] = [{"aesgcm": {"keys": [key]}}, {"identity": {}}]
    return {"kind": KIND, "apiVersion": API_VERSION, "resources": [{"resources": ["secrets"], "providers": providers}]}
