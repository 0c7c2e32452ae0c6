"""Image references as far as defaults need them: which tag a reference names.

It must never contact a registry or resolve anything.
"""

from __future__ import annotations

import re
from functools import lru_cache

_REFERENCE = re.compile(
    r"(?:(?:localhost|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)+|[a-zA-Z0-9.-]+:[0-9]+|\[[0-9a-fA-F:]+\](?::[0-9]+)?)"
    r"(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
_BARE_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@lru_cache(maxsize=1024)
def tag_of(reference: str) -> str:
    """Return the tag that a reference names: "latest" when it names none, "" with a digest or when unreadable."""
    found = _REFERENCE.fullmatch(reference)
    if found is None or _BARE_DIGEST.fullmatch(reference):
        return ""
    if found["tag"]:
        return found["tag"]
    return "" if found["digest"] else "latest"


def default_pull_policy(reference: str) -> str:
    """Return the pull policy of an image reference that comes without one."""
    return "Always" if tag_of(reference) == "latest" else "IfNotPresent"
