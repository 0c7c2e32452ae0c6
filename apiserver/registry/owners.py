"""Owners that an object names twice: one of each is kept, and whoever wrote them is told.

Two are the same when all their fields are; what else may be wrong with owners is not looked at here.
"""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_REPEATED = (
    ".metadata.ownerReferences contains duplicate entries{when}; API server dedups owner references in 1.20+, and may "
    "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {uids}"
)


def keep_one_of_each(obj: JSON, warnings: list[str], *, patched: bool = False) -> None:
    """Take repeated owners from an object, whose metadata is replaced, not changed; a warning names them."""
    owners: list[JSON] = obj["metadata"]["ownerReferences"]
    kept: list[JSON] = []
    repeated: list[str] = []
    for owner in owners:
        if owner in kept:
            repeated.append(owner.get("uid") or "")
        else:
            kept.append(owner)
    if repeated:
        obj["metadata"] = {**obj["metadata"], "ownerReferences": kept}
        when = " after mutating admission happens" if patched else ""
        warnings.append(_REPEATED.format(when=when, uids=", ".join(repeated)))
