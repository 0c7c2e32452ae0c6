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

JSON = dict[str, Any]
_KEY_BYTES: Final = 32
_FOREIGN: Final = "somebody has changed the file"


def ensure_configuration(path: Path) -> Path:
    """Write the file, readable by its owner alone, unless it is there. Blocking. Raises OSError."""
    if not path.exists():
        _write(path, _configuration([_key("key-1")]))
    return path


def begin_rotation(path: Path) -> str:
    """Put a new key before the others; returns its name. Blocking. Raises OSError, ValueError for a foreign file."""
    keys = _keys(path)
    newest = max(int(key["name"].removeprefix("key-")) for key in keys)
    name = f"key-{newest + 1}"
    _write(path, _configuration([_key(name), *keys]))
    return name


def end_rotation(path: Path) -> None:
    """Keep the newest key, and the one before it: the store's history has values of that for a while. Blocking."""
    _write(path, _configuration(_keys(path)[:2]))


def _write(path: Path, document: JSON) -> None:
    new = path.with_name(f"{path.name}.new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def _keys(path: Path) -> list[JSON]:
    try:
        document = json.loads(path.read_bytes())
        keys: list[JSON] = document["resources"][0]["providers"][0]["aesgcm"]["keys"]
        if document == _configuration(keys) and all(key["name"].startswith("key-") for key in keys):
            return keys
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(_FOREIGN) from error
    raise ValueError(_FOREIGN)


def _key(name: str) -> JSON:
    return {"name": name, "secret": base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}


def _configuration(keys: list[JSON]) -> JSON:
    providers: list[JSON] = [{"aesgcm": {"keys": keys}}, {"identity": {}}]
    return {"kind": KIND, "apiVersion": API_VERSION, "resources": [{"resources": ["secrets"], "providers": providers}]}
