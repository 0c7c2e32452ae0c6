"""What types cannot tell of a checked tree: constants that can only fail, and lists of different things.

Patterns, times and spans that a function is called with are looked at beforehand. The items of a list and the keys
and values of a map have one type each, except in what is formatted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from podwright.api.cel.errors import EvaluationError, Issue
from podwright.api.cel.library.regex import compiled
from podwright.api.cel.library.times import parse_duration, parse_timestamp
from podwright.api.cel.nodes import Call, ListNode, Literal, MapNode, Node, parts_of
from podwright.api.cel.types import Type, unwrap_optional


def check_literals(root: Node) -> list[Issue]:
    """Return what is wrong with the literals of a checked tree."""
    issues: list[Issue] = []
    waiting = [(root, False)]
    while waiting:
        node, formatted = waiting.pop()
        if isinstance(node, Call):
            formatted = formatted or node.name == "format"
            issues.extend(_argument(node))
        elif isinstance(node, ListNode) and not formatted:
            issues.extend(_mixed((item, index in node.optional) for index, item in enumerate(node.items)))
        elif isinstance(node, MapNode) and not formatted:
            issues.extend(_mixed((entry.key, False) for entry in node.entries))
            issues.extend(_mixed((entry.value, entry.optional) for entry in node.entries))
        waiting.extend((part, formatted) for part in parts_of(node))
    return issues


def _argument(node: Call) -> list[Issue]:
    valid = _CHECKS.get(node.name)
    given = node.args[0] if node.args else None
    if valid is None or not isinstance(given, Literal) or type(given.value) is not str or valid(given.value):
        return []
    return [Issue(given.at, f"invalid {node.name} argument")]


def _mixed(parts: Iterable[tuple[Node, bool]]) -> list[Issue]:
    first: Type | None = None
    for node, optional in parts:
        found = unwrap_optional(node.type)[0] if optional else node.type
        first = first or found
        if found != first:
            return [Issue(node.at, f"expected type '{first}' but found '{found}'")]
    return []


def _is_pattern(text: str) -> bool:
    try:
        compiled(text)
    except EvaluationError:
        return False
    return True


_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "matches": _is_pattern,
    "duration": lambda text: parse_duration(text) is not None,
    "timestamp": lambda text: parse_timestamp(text) is not None,
}
