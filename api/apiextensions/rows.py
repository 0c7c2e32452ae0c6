"""Definitions as rows of the resource table: what clients see of a kind that one of them defined.

Works on JSON: whoever asks holds documents. A definition is never changed.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.resources import Resource

JSON = dict[str, Any]
_VERBS: Final = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_ENDING_VERBS: Final = ("delete", "deletecollection", "get", "list", "watch")


def subresources(version: JSON) -> tuple[str, ...]:
    """The subresources of a version."""
    wanted = version.get("subresources") or {}
    return tuple(name for name in ("status", "scale") if wanted.get(name) is not None)


def row(definition: JSON, version: JSON, *, ending: bool = False) -> Resource:
    """The row of a version. While the definition is ending, clients are told of no verb that makes or changes."""
    spec: JSON = definition["spec"]
    names: JSON = spec["names"]
    return Resource(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        namespaced=spec.get("scope") != "Cluster",
        model="",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=subresources(version),
        verbs=_VERBS,
        told_verbs=_ENDING_VERBS if ending else (),
        singular_name=names.get("singular") or "",
        list_name=names.get("listKind") or "",
    )


def served_row(definition: JSON) -> Resource | None:
    """The row under which objects can be reached: the stored version's, or any; None while nothing is served."""
    conditions = (definition.get("status") or {}).get("conditions") or ()
    if not any(c.get("type") == "Established" and c.get("status") == "True" for c in conditions):
        return None
    served = [version for version in definition["spec"].get("versions") or () if version.get("served")]
    best = sorted(served, key=lambda version: not version.get("storage"))
    return row(definition, best[0]) if best else None
