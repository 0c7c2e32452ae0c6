"""Which part of a former object a part of the present one continues.

Members continue members of the same name, items of a list of type map those with the same keys. Items of other lists
continue nothing. What did not change is let through although a rule that came later
forbids it.
"""

from __future__ import annotations

from typing import Any

from podwright.api.structural.node import MISSING, Node


def member(old: Any, name: str) -> Any:
    """The former value of a member, or MISSING."""
    return old.get(name, MISSING) if isinstance(old, dict) else MISSING


def item(node: Node, old: Any, value: Any) -> Any:
    """The former value of a list's item, or MISSING."""
    if node.list_type != "map" or not isinstance(old, list) or not isinstance(value, dict):
        return MISSING
    wanted = [value.get(key) for key in node.keys]
    for candidate in old:
        if isinstance(candidate, dict) and [candidate.get(key) for key in node.keys] == wanted:
            return candidate
    return MISSING


def same(value: Any, old: Any) -> bool:
    """Whether nothing changed: as `==`, but 1 is not true."""
    if type(value) is not type(old):
        return (
            isinstance(value, (int, float))
            and isinstance(old, (int, float))
            and not isinstance(value, bool)
            and not isinstance(old, bool)
            and value == old
        )
    if isinstance(value, dict):
        return value.keys() == old.keys() and all(same(child, old[name]) for name, child in value.items())
    if isinstance(value, list):
        return len(value) == len(old) and all(map(same, value, old))
    return value == old
