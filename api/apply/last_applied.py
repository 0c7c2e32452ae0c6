"""What client-side apply left in an annotation, for those who move on to server-side apply. Pure.

Client-side apply owns its fields as updates, under another manager's name. So that the same user's server-side apply
need not be forced, fields that still are as the annotation says are no conflict; and the annotation is kept true, so
that one may go back.
"""

from __future__ import annotations

import json
from typing import Any

from podwright.api.apply.collecting import given
from podwright.api.apply.comparing import compare
from podwright.api.apply.fieldset import difference, has
from podwright.api.apply.owning import Conflicts
from podwright.api.apply.shapes import BadItem, Shape

JSON = dict[str, Any]
KUBECTL = "kubectl"
"""The only manager this is done for."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def allowed_by_last_applied(conflicts: Conflicts, shape: Shape, live: JSON) -> bool:
    """Tell whether all conflicts are about what was applied client-side and has not been changed since."""
    text = _annotation(live)
    if not text:
        return False
    try:
        config = json.loads(text)
        if not isinstance(config, dict) or config.get("apiVersion") != live.get("apiVersion"):
            return False
        changed, removed = compare(shape, config, live)
        own = difference(difference(given(shape, config), changed), removed)
    except (ValueError, BadItem, AttributeError, RecursionError):
        return False  # whatever it is, nobody applied it
    return all(has(own, path) for _, path in conflicts.found)


def with_last_applied(obj: JSON, config: JSON) -> JSON:
    """The object with its annotation, if it has one, made to say what is applied now."""
    if not _annotation(obj):
        return obj
    metadata: JSON = dict(config.get("metadata") or {})
    if isinstance(metadata.get("annotations"), dict):
        metadata["annotations"] = {k: v for k, v in metadata["annotations"].items() if k != LAST_APPLIED}
        if not metadata["annotations"]:
            del metadata["annotations"]
    plain = {**config, "metadata": metadata}
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"
    annotations = {**obj["metadata"]["annotations"], LAST_APPLIED: text}
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}


def _annotation(obj: JSON) -> str:
    annotations = (obj.get("metadata") or {}).get("annotations") or {}
    text = annotations.get(LAST_APPLIED) if isinstance(annotations, dict) else None
    return text if isinstance(text, str) else ""
