"""Whether rules that somebody holds cover rules that he wants to give: nobody gives what he does not have. Pure.

Wanted rules are broken into single questions (one verb, group, resource and name, or one verb and path). Each must be
covered by a single held rule; it must never take two rules together for more than each of them allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from podwright.apiserver.authorization.authorizer import PathRule, ResourceRule
from podwright.apiserver.authorization.rules import ALL, covers_path
from podwright.apiserver.authorization.subjects import quoted

JSON = Mapping[str, Any]
EVERYTHING: Final[tuple[JSON, ...]] = (
    {"verbs": [ALL], "apiGroups": [ALL], "resources": [ALL]},
    {"verbs": [ALL], "nonResourceURLs": [ALL]},
)


@dataclass(frozen=True, slots=True)
class Single:
    """One thing that a rule allows."""

    verb: str
    group: str = ""
    resource: str = ""
    name: str | None = None
    path: str | None = None


def singles(rules: Iterable[JSON]) -> Iterator[Single]:
    """Break rules into the single things they allow."""
    for rule in rules:
        verbs: Sequence[str] = rule.get("verbs") or ()
        names: Sequence[str | None] = rule.get("resourceNames") or (None,)
        for group in rule.get("apiGroups") or ():
            for resource in rule.get("resources") or ():
                for verb in verbs:
                    yield from (Single(verb, group, resource, name) for name in names)
        for path in rule.get("nonResourceURLs") or ():
            yield from (Single(verb, path=path) for verb in verbs)


def missing(held: Sequence[ResourceRule | PathRule], wanted: Iterable[JSON]) -> list[Single]:
    """What of the wanted rules no held rule covers."""
    return [single for single in dict.fromkeys(singles(wanted)) if not any(_covers(rule, single) for rule in held)]


def _covers(rule: ResourceRule | PathRule, single: Single) -> bool:
    if single.verb not in rule.verbs and ALL not in rule.verbs:
        return False
    if isinstance(rule, PathRule):
        return single.path is not None and any(covers_path(path, single.path) for path in rule.paths)
    if single.path is not None or (single.group not in rule.groups and ALL not in rule.groups):
        return False
    if rule.names and single.name not in rule.names:
        return False
    if single.resource in rule.resources or ALL in rule.resources:
        return True
    _, slash, subresource = single.resource.partition("/")
    return bool(slash) and f"*/{subresource}" in rule.resources


def described(found: Iterable[Single]) -> list[str]:
    """Things that are missing as refusals tell them: verbs of one resource together, in the order of their text."""
    verbs: dict[tuple[str, str, str | None], list[str]] = {}
    lines: list[str] = []
    for single in found:
        if single.path is not None:
            lines.append(f"{{NonResourceURLs:{_list(single.path)}, Verbs:{_list(single.verb)}}}")
        else:
            verbs.setdefault((single.group, single.resource, single.name), []).append(single.verb)
    for (group, resource, name), allowed in verbs.items():
        only = "" if name is None else f", ResourceNames:{_list(name)}"
        lines.append(f"{{APIGroups:{_list(group)}, Resources:{_list(resource)}{only}, Verbs:{_list(*allowed)}}}")
    return sorted(set(lines))


def _list(*texts: str) -> str:
    return f"[{' '.join(map(quoted, texts))}]"
