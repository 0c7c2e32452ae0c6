"""ObjectReferences: how events name what they are about."""

from __future__ import annotations

from typing import Any

from podwright.controllers.meta import Meta

JSON = dict[str, Any]


def reference(api_version: str, kind: str, meta: Meta) -> JSON:
    """Return the reference to an object; empty fields are left out."""
    found = {
        "kind": kind, "apiVersion": api_version, "namespace": meta.namespace, "name": meta.name, "uid": meta.uid,
        "resourceVersion": meta.version,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def pod_reference(meta: Meta) -> JSON:
    """Return the reference to a pod."""
    return reference("v1", "Pod", meta)


def node_reference(name: str, uid: str) -> JSON:
    """Return the reference to a node; events about nodes are looked up by name in the uid's place."""
    return {"kind": "Node", "apiVersion": "v1", "name": name, "uid": uid or name}
