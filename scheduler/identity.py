"""What other pods know a pod by: its namespace and labels, and whether it is on its way out.

Pods that agree in these share one object, so counting them by it is counting them by what selectors see. It must
never hold anything of one pod alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import orjson


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Identity:
    """Compare by identity: while one is in use there is no second one like it."""

    namespace: str
    labels: Mapping[str, str]
    leaving: bool


_IN_USE: Final[WeakValueDictionary[bytes, Identity]] = WeakValueDictionary()


def identity_of(namespace: str, labels: Mapping[str, str] | None, *, leaving: bool) -> Identity:
    """Return the one identity of such pods."""
    key = orjson.dumps((namespace, labels, leaving), option=orjson.OPT_SORT_KEYS)
    found = _IN_USE.get(key)
    if found is None:
        found = _IN_USE[key] = Identity(namespace, labels or {}, leaving)
    return found
