"""What an aggregated ClusterRole allows: the rules of the roles that its selectors choose. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from podwright.api.labels import Selector, SelectorError

JSON = dict[str, Any]


def aggregated_rules(role: JSON, others: Iterable[JSON]) -> list[JSON]:
    """The rules of a role with an aggregationRule, each once, in the order of the chosen roles' names."""
    selectors: list[Selector] = []
    for selector in (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ():
        try:
            selectors.append(Selector.from_label_selector(selector))
        except SelectorError:
            continue  # chooses nothing
    own: str = role["metadata"]["name"]
    rules: list[JSON] = []
    for other in sorted(others, key=_name):
        labels: dict[str, str] = other["metadata"].get("labels") or {}
        if _name(other) == own or not any(selector.matches(labels) for selector in selectors):
            continue
        rules += [rule for rule in other.get("rules") or () if rule not in rules]
    return rules


def _name(role: JSON) -> str:
    return role["metadata"]["name"]
