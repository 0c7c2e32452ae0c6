"""Which objects a quota counts: those that meet all of its scopes.

A scope either holds or not (BestEffort), or has a value that is compared (PriorityClass).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from podwright.apiserver.quota.usage import Facts

JSON = dict[str, Any]

_OPERATORS: Final[Mapping[str, Callable[[str | bool, Sequence[str]], bool]]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
    "Exists": lambda value, _: bool(value),
    "DoesNotExist": lambda value, _: not value,
}


def counts(spec: JSON, facts: Facts) -> bool:
    """Tell whether a quota counts an object of which these facts are known."""
    for scope in spec.get("scopes") or ():
        if not facts.get(scope):
            return False
    for requirement in (spec.get("scopeSelector") or {}).get("matchExpressions") or ():
        scope: str = requirement.get("scopeName") or ""
        holds = _OPERATORS.get(requirement.get("operator") or "")
        if scope not in facts or holds is None or not holds(facts[scope], requirement.get("values") or ()):
            return False
    return True
