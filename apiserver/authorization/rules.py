"""The rules of roles, made ready for questions: what a role allows, looked up rather than searched.

Pure. A role is taken apart once; a decision then costs a few look-ups, however many rules the role has. It must never
allow what no rule names: whatever it does not understand allows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from podwright.apiserver.authorization.authorizer import PathRule, ResourceRule
from podwright.apiserver.routes import Target

JSON = Mapping[str, Any]
ALL: Final = "*"
_ANY_NAME: Final = frozenset[str]()
_Entry = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Role:
    """What one role allows. `resources` holds (verbs, names) by (group, resource), `paths` (verbs, paths)."""

    resources: Mapping[tuple[str, str], tuple[_Entry, ...]]
    paths: tuple[_Entry, ...]
    listed: tuple[ResourceRule | PathRule, ...]
    """The rules as they are told to who asks what he may do."""
    written: Sequence[JSON]
    """The rules as they are written."""

    def allows(self, target: Target) -> bool:
        """Tell whether the role allows a request."""
        if target.resource:
            return self._allows_resource(target)
        return self._allows_path("get" if target.verb == "head" else target.verb, target.path)

    def _allows_resource(self, target: Target) -> bool:
        table, sub = self.resources, target.subresource
        shown = f"{target.plural}/{sub}" if sub else target.plural
        wanted = (shown, ALL, f"*/{sub}") if sub else (shown, ALL)
        for group in (target.group, ALL):
            for resource in wanted:
                for verbs, names in table.get((group, resource), ()):
                    if (target.verb in verbs or ALL in verbs) and (not names or target.name in names):
                        return True
        return False

    def _allows_path(self, verb: str, path: str) -> bool:
        for verbs, paths in self.paths:
            if (verb in verbs or ALL in verbs) and any(covers_path(allowed, path) for allowed in paths):
                return True
        return False


def covers_path(allowed: str, path: str) -> bool:
    """Tell whether a path of a rule means this one; only a `*` at the end stands for any rest."""
    return allowed == path or (allowed.endswith(ALL) and path.startswith(allowed[:-1]))


def role_of(rules: Sequence[JSON]) -> Role:
    """Make a role's rules ready for questions."""
    resources: dict[tuple[str, str], tuple[_Entry, ...]] = {}
    paths: list[_Entry] = []
    listed: list[ResourceRule | PathRule] = []
    for rule in rules:
        verbs = tuple(rule.get("verbs") or ())
        urls = tuple(rule.get("nonResourceURLs") or ())
        if urls:
            paths.append((frozenset(verbs), frozenset(urls)))
            listed.append(PathRule(verbs, urls))
        groups: tuple[str, ...] = tuple(rule.get("apiGroups") or ())
        plurals: tuple[str, ...] = tuple(rule.get("resources") or ())
        if not groups or not plurals:
            continue
        only = tuple(rule.get("resourceNames") or ())
        listed.append(ResourceRule(verbs, groups, plurals, only))
        entry = (frozenset(verbs), frozenset(only) if only else _ANY_NAME)
        for group in groups:
            for plural in plurals:
                resources[group, plural] = (*resources.get((group, plural), ()), entry)
    return Role(resources, tuple(paths), tuple(listed), rules)
