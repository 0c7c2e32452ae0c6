"""The words by which a strategic merge patch says what merging alone cannot.

$patch: replace | delete | merge       take this map whole; drop it (in a list: the element, or "replace" the list)
$retainKeys: [k, ...]                  drop every other key of this map
$deleteFromPrimitiveList/f: [v, ...]   drop these values from list f
$setElementOrder/f: [...]              the order of list f; elements only others know keep their relative place
"""

from __future__ import annotations

from typing import Any, Final

PATCH: Final = "$patch"
RETAIN_KEYS: Final = "$retainKeys"
DELETE_FROM: Final = "$deleteFromPrimitiveList/"
SET_ORDER: Final = "$setElementOrder/"


def is_directive(key: str) -> bool:
    """Tell whether a key of a patch is a directive and no field."""
    return key.startswith("$") and (key in (PATCH, RETAIN_KEYS) or key.startswith((DELETE_FROM, SET_ORDER)))


def plain(value: Any) -> Any:
    """Return a patch's value as it stands in a document that has nothing to merge with: no directives, no nulls.

    A map or element that is to be deleted or to replace something finds nothing and vanishes, as it always has.
    """
    if isinstance(value, dict):
        kept = ((key, item) for key, item in value.items() if not (item is None or is_directive(key) or vanishes(item)))
        return {key: plain(item) for key, item in kept}
    if isinstance(value, list):
        return [plain(item) for item in value if not vanishes(item)]
    return value


def vanishes(value: Any) -> bool:
    """Tell whether a value only says what shall happen to another one, that is not there."""
    return isinstance(value, dict) and value.get(PATCH) in ("delete", "replace")
