"""What the files of ConfigMap, Secret, downwardAPI and projected volumes contain.

Everything but tokens is a plain function of its inputs; tokens are fetched by the caller before. Refusals are
`PayloadError`s worded as users know them from the field.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from podwright.agent.pods.ports import Objects
from podwright.agent.volumes.atomic import FileContent

JSON = Mapping[str, Any]
_DEFAULT_MODE = 0o644


class PayloadError(Exception):
    """An object or a key that the volume needs is not there."""


class Downward(Protocol):
    """Resolves what a pod may know of itself. Raises ValueError for what cannot be resolved."""

    def field(self, pod: JSON, path: str) -> str:
        """The value of a fieldRef, formatted as file content."""
        ...

    def resource(self, pod: JSON, container: str, resource: str, divisor: str) -> str:
        """The value of a resourceFieldRef."""
        ...


Token = tuple[str, str, int]
"""(audience, path, expirationSeconds) of a serviceAccountToken source."""


class Payloads:
    """Builds the file set of one pod's volumes. `tokens` holds what was issued for each serviceAccountToken source."""

    def __init__(self, pod: JSON, objects: Objects, downward: Downward, tokens: Mapping[Token, str]) -> None:
        self._pod = pod
        self._objects = objects
        self._downward = downward
        self._tokens = tokens
        self._namespace = str(pod["metadata"]["namespace"])

    def config_map(self, source: JSON, default_mode: int = _DEFAULT_MODE) -> dict[str, FileContent]:
        """A configMap volume or projection."""
        found = self._fetch("ConfigMap", str(source.get("name", "")), optional=bool(source.get("optional")))
        data = {k: str(v).encode() for k, v in (found.get("data") or {}).items()}
        data |= {k: base64.b64decode(v) for k, v in (found.get("binaryData") or {}).items()}
        return _select(data, source, default_mode, "configmap references non-existent config key")

    def secret(self, source: JSON, default_mode: int = _DEFAULT_MODE) -> dict[str, FileContent]:
        """A secret volume (`secretName`) or projection (`name`)."""
        name = str(source.get("secretName") or source.get("name") or "")
        found = self._fetch("Secret", name, optional=bool(source.get("optional")))
        data = {k: base64.b64decode(v) for k, v in (found.get("data") or {}).items()}
        return _select(data, source, default_mode, "references non-existent secret key")

    def downward_api(self, source: JSON, default_mode: int = _DEFAULT_MODE) -> dict[str, FileContent]:
        """A downwardAPI volume or projection."""
        files: dict[str, FileContent] = {}
        for item in source.get("items") or ():
            try:
                if "fieldRef" in item:
                    value = self._downward.field(self._pod, str(item["fieldRef"]["fieldPath"]))
                else:
                    ref = item["resourceFieldRef"]
                    value = self._downward.resource(
                        self._pod,
                        str(ref.get("containerName", "")),
                        str(ref["resource"]),
                        str(ref.get("divisor") or "0"),
                    )
            except ValueError as e:
                raise PayloadError(str(e)) from e
            files[str(item["path"])] = FileContent(value.encode(), _mode(item, default_mode))
        return files

    def projected(self, source: JSON) -> dict[str, FileContent]:
        """All sources of a projected volume; a later source wins where two write one path."""
        mode = _mode(source, _DEFAULT_MODE, "defaultMode")
        files: dict[str, FileContent] = {}
        for part in source.get("sources") or ():
            if "configMap" in part:
                files |= self.config_map(part["configMap"], mode)
            elif "secret" in part:
                files |= self.secret(part["secret"], mode)
            elif "downwardAPI" in part:
                files |= self.downward_api(part["downwardAPI"], mode)
            elif "serviceAccountToken" in part:
                files |= self._token(part["serviceAccountToken"], mode)
            else:
                msg = f"projected source {', '.join(part) or '(empty)'} is not supported"
                raise PayloadError(msg)
        return files

    def _token(self, source: JSON, mode: int) -> dict[str, FileContent]:
        """Readable by its owner alone where that owner is known: one user for all containers, or a pod with fsGroup."""
        token = self._tokens[token_key(source)]
        user = _single_user(self._pod)
        private = user is not None or fs_group(self._pod) is not None
        return {str(source["path"]): FileContent(token.encode(), 0o600 if private else mode, user)}

    def _fetch(self, kind: str, name: str, *, optional: bool) -> JSON:
        found = self._objects.get(kind, self._namespace, name)
        if found is None and not optional:
            msg = f'{kind.lower()} "{name}" not found'
            raise PayloadError(msg)
        return found or {}


def _select(data: Mapping[str, bytes], source: JSON, default_mode: int, absent: str) -> dict[str, FileContent]:
    """All keys, or those that `items` names under the paths it gives them."""
    mode = _mode(source, default_mode, "defaultMode")
    items = source.get("items")
    if not items:
        return {key: FileContent(value, mode) for key, value in data.items()}
    files: dict[str, FileContent] = {}
    for item in items:
        key = str(item["key"])
        if key in data:
            files[str(item["path"])] = FileContent(data[key], _mode(item, mode))
        elif not source.get("optional"):
            msg = f"{absent}: {key}"
            raise PayloadError(msg)
    return files


def fs_group(pod: JSON) -> int | None:
    """The group that owns the pod's volumes, if it asks for one."""
    group = (pod["spec"].get("securityContext") or {}).get("fsGroup")
    return None if group is None else int(group)


def token_key(source: JSON) -> Token:
    """Names a serviceAccountToken source."""
    return (str(source.get("audience") or ""), str(source["path"]), int(source.get("expirationSeconds") or 3600))


def token_sources(volume: JSON) -> list[JSON]:
    """The serviceAccountToken sources of a volume."""
    sources = (volume.get("projected") or {}).get("sources") or ()
    return [s["serviceAccountToken"] for s in sources if "serviceAccountToken" in s]


def _mode(source: JSON, default: int, key: str = "mode") -> int:
    value = source.get(key)
    return default if value is None else int(value)


def _single_user(pod: JSON) -> int | None:
    spec = pod["spec"]
    common = (spec.get("securityContext") or {}).get("runAsUser")
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    users = {(c.get("securityContext") or {}).get("runAsUser", common) for c in containers}
    return users.pop() if len(users) == 1 else None
