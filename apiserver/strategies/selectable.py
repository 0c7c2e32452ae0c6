"""Field selectors: functions that read one value of an object, made from its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

JSON = dict[str, Any]


def path_getters(*paths: str) -> dict[str, Callable[[JSON], str]]:
    """Return a reader for each dotted path; what is not there reads as ""."""
    return {path: _getter(path) for path in paths}


def _getter(path: str) -> Callable[[JSON], str]:
    *parents, last = path.split(".")

    def read(obj: JSON) -> str:
        here: Any = obj
        for name in parents:
            here = here.get(name)
            if not here:
                return ""
        return str(here.get(last) or "")

    return read
