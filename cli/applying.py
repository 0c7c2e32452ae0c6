"""From a manifest to a change of the live object: what `apply` sends and `diff` shows.

The last applied manifest is kept in an annotation of the object, under the key that kubectl uses, so that both tools
can take turns: what was in it and is gone from the manifest is removed; what others set stays.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from podwright.api.errors import ApiError
from podwright.api.patch import merge_patch, strategic_diff
from podwright.api.patch.errors import PatchError
from podwright.api.resources import Resource
from podwright.api.schema import schema_of
from podwright.cli.errors import CliError
from podwright.cli.requests import APPLY, MERGE, STRATEGIC, call, exists, namespace_of
from podwright.cli.session import Session

JSON = dict[str, Any]

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TRIES = 5


async def on_server(session: Session, resource: Resource, manifest: JSON, query: list[tuple[str, str]]) -> JSON:
    """Let the server merge; returns the object. Raises ApiError."""
    path = resource.path(namespace_of(session, resource, manifest), manifest["metadata"]["name"])
    return await call(session, "PATCH", path, manifest, query=query, content_type=APPLY)


async def client_side(
    session: Session, resource: Resource, manifest: JSON, query: list[tuple[str, str]], *, send: bool
) -> tuple[JSON, str]:
    """Merge here; returns the object and what was done: created, configured or unchanged. Raises ApiError."""
    namespace = namespace_of(session, resource, manifest)
    modified = _with_last_applied(manifest, namespace)
    name = str((manifest.get("metadata") or {}).get("name") or "")
    if not name:
        raise CliError("cannot apply an object without metadata.name; `pw create` takes generateName")
    path = resource.path(namespace, name)
    for attempt in range(1, _TRIES + 1):
        current = await exists(session, path)
        if current is None:
            if not send:
                return modified, "created"
            return await call(session, "POST", resource.path(namespace), modified, query=query), "created"
        patch, content_type = _patch(resource, current, modified)
        if not patch:
            return current, "unchanged"
        if not send:
            return current, "configured"
        try:
            return await call(session, "PATCH", path, patch, query=query, content_type=content_type), "configured"
        except ApiError as e:
            if e.code != 409 or attempt == _TRIES:
                raise
    raise AssertionError  # the loop returns or raises


def _patch(resource: Resource, current: JSON, modified: JSON) -> tuple[JSON, str]:
    """The change from the live object to the manifest, deleting only what an earlier manifest had."""
    kept = ((current.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    original: JSON = json.loads(kept) if kept else {}
    if resource.model:
        try:
            return strategic_diff.three_way(original, modified, current, schema_of(resource.cls)), STRATEGIC
        except PatchError as e:
            msg = f"cannot tell what is to be changed: {e}"
            raise CliError(msg) from e
    return merge_patch.three_way(original, modified, current), MERGE


def _with_last_applied(manifest: JSON, namespace: str | None) -> JSON:
    """The manifest with itself as an annotation, in the form kubectl writes (sorted keys, a final newline)."""
    plain = copy.deepcopy(manifest)
    metadata: JSON = plain.setdefault("metadata", {})
    if namespace:
        metadata.setdefault("namespace", namespace)
    annotations: JSON = metadata.get("annotations") or {}
    if not isinstance(annotations, dict):  # what a manifest has there
        raise CliError("metadata.annotations holds no fields")
    annotations.pop(LAST_APPLIED, None)
    metadata["annotations"] = annotations
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"
    metadata["annotations"] = {**annotations, LAST_APPLIED: text}
    return plain
