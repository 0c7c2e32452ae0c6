"""Constants that can only fail: patterns, times and spans that a function is called with are looked at beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from podwright.api.cel.errors import EvaluationError, Issue
from podwright.api.cel.library.regex import compiled
from podwright.api.cel.library.times import parse_duration, parse_timestamp
from podwright.api.cel.nodes import Call, Literal, Node, parts_of


def check_literals(root: Node) -> list[Issue]:
    """Return what is wrong with the constant arguments in a checked tree."""
    issues: list[Issue] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(parts_of(node))
        valid = _CHECKS.get(node.name) if isinstance(node, Call) else None
        if valid is None or not isinstance(node, Call) or not node.args:
            continue
        given = node.args[0]
        if isinstance(given, Literal) and type(given.value) is str and not valid(given.value):
            issues.append(Issue(given.at, f"invalid {node.name} argument"))
    return issues


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
