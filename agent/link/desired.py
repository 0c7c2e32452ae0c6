"""What the control plane last said this node should have: pods and the objects they use; implements `Objects`.

Kept on disk as well (Secrets excepted: they live in memory alone), so that an agent that starts while the control
plane is away goes on with its pods. Objects other than pods are parsed when somebody asks for them.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from podwright.proto.node.v1 import node_pb2 as pb

log = logging.getLogger(__name__)
JSON = dict[str, Any]
Key = tuple[str, str, str]
_NOT_ON_DISK = ("Secret",)
_WRITE_DELAY = 0.2  # seconds; changes that come together are written together


class Desired:
    """The node's copy. `load` once, `run` as a task; changes come from the link."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._raw: dict[Key, bytes] = {}
        self._pods: dict[Key, JSON] = {}
        self._parsed: dict[Key, JSON] = {}
        self._dirty: set[Key] = set()
        self._changed = asyncio.Event()

    # ---- reading -----------------------------------------------------------------------------------------------

    def get(self, kind: str, namespace: str, name: str) -> JSON | None:
        """The newest version known, or None."""
        key = (kind, namespace, name)
        if kind == "Pod":
            return self._pods.get(key)
        if key not in self._parsed and key in self._raw:
            self._parsed[key] = orjson.loads(self._raw[key])
        return self._parsed.get(key)

    def pods(self) -> list[JSON]:
        """Every pod."""
        return list(self._pods.values())

    def services(self, namespace: str) -> tuple[JSON, ...]:
        """Services of a namespace, and the API's own."""
        keys = [k for k in self._raw if k[0] == "Service" and (k[1] == namespace or k[1:] == ("default", "kubernetes"))]
        return tuple(found for k in keys if (found := self.get(*k)) is not None)

    def note_status(self, namespace: str, name: str, uid: str, status: JSON) -> None:
        """Remember a pod's status as this node reports it: it is not sent back, and counts after a restart."""
        key = ("Pod", namespace, name)
        pod = self._pods.get(key)
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        types = {c["type"] for c in status.get("conditions") or ()}
        foreign = [c for c in (pod.get("status") or {}).get("conditions") or () if c["type"] not in types]
        self._pods[key] = {**pod, "status": {**status, "conditions": [*(status.get("conditions") or ()), *foreign]}}
        self._dirty.add(key)
        self._changed.set()

    # ---- changes -----------------------------------------------------------------------------------------------

    def replace(self, objects: Iterable[pb.Object]) -> set[str]:
        """Take in a full set; returns the namespaces in which ConfigMaps or Secrets are new or other than before."""
        new = {_key(o.ref): o.json for o in objects}
        changed = {key for key in new if self._raw.get(key) != new[key]}
        for key in [*changed, *(key for key in self._raw if key not in new)]:
            self._set(key, new.get(key))
        return {key[1] for key in changed if key[0] in ("ConfigMap", "Secret")}

    def apply(self, delta: pb.Delta) -> set[str]:
        """Take in a difference; returns the namespaces in which ConfigMaps or Secrets are new or other than before."""
        changed = {_key(o.ref) for o in delta.changed}
        for removed in delta.removed:
            self._set(_key(removed), None)
        for added in delta.changed:
            self._set(_key(added.ref), added.json)
        return {key[1] for key in changed if key[0] in ("ConfigMap", "Secret")}

    def _set(self, key: Key, raw: bytes | None) -> None:
        self._parsed.pop(key, None)
        if raw is None:
            self._raw.pop(key, None)
            self._pods.pop(key, None)
        elif key[0] == "Pod":
            self._raw[key] = raw
            self._pods[key] = orjson.loads(raw)
        else:
            self._raw[key] = raw
        if key[0] not in _NOT_ON_DISK:
            self._dirty.add(key)
            self._changed.set()

    # ---- the disk ----------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read what was kept. Blocks. A damaged file is skipped: the control plane sends it again."""
        if not self._folder.exists():
            return
        for path in self._folder.glob("*.json"):
            try:
                obj: JSON = orjson.loads(path.read_bytes())
                meta = obj["metadata"]
                key = (obj["kind"], meta.get("namespace", ""), meta["name"])
            except (OSError, ValueError, KeyError, TypeError) as e:
                log.warning("Cannot read %s: %s", path, e)
                continue
            self._set(key, orjson.dumps(obj))
        self._dirty.clear()

    async def run(self) -> None:
        """Write changes to the disk as they come, until cancelled; then once more."""
        try:
            while True:
                await self._changed.wait()
                await asyncio.sleep(_WRITE_DELAY)
                await self._write()
        finally:
            self._write_files(self._take())

    async def _write(self) -> None:
        self._changed.clear()
        await asyncio.to_thread(self._write_files, self._take())

    def _take(self) -> dict[Key, bytes | None]:
        taken = {key: self._newest(key) for key in self._dirty}
        self._dirty.clear()
        return taken

    def _newest(self, key: Key) -> bytes | None:
        pod = self._pods.get(key)
        return orjson.dumps(pod) if pod is not None else self._raw.get(key)

    def _write_files(self, files: dict[Key, bytes | None]) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for key, raw in files.items():
                path = self._folder / f"{hashlib.blake2b('/'.join(key).encode(), digest_size=12).hexdigest()}.json"
                if raw is None:
                    path.unlink(missing_ok=True)
                else:
                    new = path.with_suffix(".new")
                    new.write_bytes(raw)
                    new.replace(path)
        except OSError as e:
            log.warning("Cannot keep the desired state on disk: %s", e)


def _key(ref: pb.Ref) -> Key:
    return (ref.kind, ref.namespace, ref.name)
