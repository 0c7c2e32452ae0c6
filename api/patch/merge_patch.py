"""JSON merge patch (RFC 7386): objects merge, null deletes, everything else replaces.

Also the other direction, which `apply` on the client's side needs for kinds whose lists have no merge keys: the
patch between two documents, and the three-way patch that leaves alone what others have set.
Results share unchanged parts with their inputs, which are never changed.
"""

from __future__ import annotations

from typing import Any

from podwright.api.patch.errors import bad_request
from podwright.api.patch.json_patch import same

JSON = dict[str, Any]


def apply(document: JSON, patch: Any) -> JSON:
    """Return the patched document. Raises PatchError when the patch is no object."""
    if patch is None:
        raise bad_request("Invalid JSON Patch")
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a merge patch is an object")
    try:
        return _merge(document, patch)
    except RecursionError as error:
        raise bad_request("error decoding patch: nested too deeply") from error


def diff(original: JSON, modified: JSON) -> JSON:
    """Return the patch that turns one document into the other. Nulls in `modified` cannot be expressed."""
    patch: JSON = {}
    for key, value in modified.items():
        if key not in original:
            patch[key] = value
            continue
        before = original[key]
        if isinstance(before, dict) and isinstance(value, dict):
            if inner := diff(before, value):
                patch[key] = inner
        elif not same(before, value):
            patch[key] = value
    patch |= dict.fromkeys(key for key in original if key not in modified)
    return patch


def three_way(original: JSON | None, modified: JSON, current: JSON) -> JSON:
    """Return the patch for `current`: add and change what `modified` says, delete what it no longer says.

    `original` is what the same author said last time; fields that only others have set stay.
    """
    return combine(_deletions(original or {}, modified), _additions(current, modified))


def combine(first: JSON, second: JSON) -> JSON:
    """Return the patch that has the effect of one after the other."""
    result = dict(first)
    for key, value in second.items():
        before = result.get(key)
        result[key] = combine(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def _merge(document: Any, patch: JSON) -> JSON:
    result: JSON = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = _merge(result.get(key), value)
        else:
            result[key] = value
    return result


def _additions(current: JSON, modified: JSON) -> JSON:
    patch: JSON = {}
    for key, value in modified.items():
        before = current.get(key)
        if value is None:
            continue
        if isinstance(before, dict) and isinstance(value, dict):
            if inner := _additions(before, value):
                patch[key] = inner
        elif key not in current or not same(before, value):
            patch[key] = value
    return patch


def _deletions(original: JSON, modified: JSON) -> JSON:
    patch: JSON = {}
    for key, before in original.items():
        value = modified.get(key)
        if value is None:
            patch[key] = None
        elif isinstance(before, dict) and isinstance(value, dict):
            inner = _deletions(before, value)
            if inner:
                patch[key] = inner
    return patch
