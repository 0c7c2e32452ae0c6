"""Whether a flow schema means a request: subjects and rules, compiled to functions of (user, target). Pure.

It must never know of levels or queues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from podwright.apiserver.routes import Target
from podwright.apiserver.user import User

JSON = dict[str, Any]
Rules = Callable[[User, Target], bool]
_ANY: Final = "*"
_ACCOUNT: Final = "system:serviceaccount:"


def rules_of(spec: JSON) -> Rules:
    """Compile the spec of a flow schema: one of its rules has to match."""
    rules = [_rule(rule) for rule in spec.get("rules") or ()]
    return lambda user, target: any(rule(user, target) for rule in rules)


def _rule(rule: JSON) -> Rules:
    subjects = [_subject(subject) for subject in rule.get("subjects") or ()]
    resources = [_resource_rule(inner) for inner in rule.get("resourceRules") or ()]
    paths = [_path_rule(inner) for inner in rule.get("nonResourceRules") or ()]

    def matches(user: User, target: Target) -> bool:
        if not any(subject(user) for subject in subjects):
            return False
        return any(inner(target) for inner in (resources if target.resource else paths))

    return matches


def _subject(subject: JSON) -> Callable[[User], bool]:
    kind = subject["kind"]
    if kind == "User":
        name: str = subject["user"]["name"]
        return lambda user: name in {_ANY, user.name}
    if kind == "Group":
        group: str = subject["group"]["name"]
        return lambda user: group == _ANY or group in user.groups
    account: JSON = subject["serviceAccount"]
    namespace, wanted = account["namespace"], account["name"]
    if wanted == _ANY:
        prefix = f"{_ACCOUNT}{namespace}:"
        return lambda user: user.name.startswith(prefix)
    whole = f"{_ACCOUNT}{namespace}:{wanted}"
    return lambda user: user.name == whole


def _resource_rule(rule: JSON) -> Callable[[Target], bool]:
    verbs, groups, resources = _set(rule.get("verbs")), _set(rule.get("apiGroups")), _set(rule.get("resources"))
    namespaces, cluster = _set(rule.get("namespaces")), bool(rule.get("clusterScope"))

    def matches(target: Target) -> bool:
        if not (_holds(verbs, target.verb) and _holds(groups, target.group)):
            return False
        whole = f"{target.plural}/{target.subresource}" if target.subresource else target.plural
        if not _holds(resources, whole):
            return False
        return _holds(namespaces, target.namespace) if target.namespace else cluster

    return matches


def _path_rule(rule: JSON) -> Callable[[Target], bool]:
    verbs, urls = _set(rule.get("verbs")), _set(rule.get("nonResourceURLs"))
    prefixes = tuple(url[:-1] for url in urls if url.endswith("/*"))

    def matches(target: Target) -> bool:
        return _holds(verbs, target.verb) and (_holds(urls, target.path) or target.path.startswith(prefixes))

    return matches


def _set(names: Iterable[str] | None) -> frozenset[str]:
    return frozenset(names or ())


def _holds(names: frozenset[str], name: str) -> bool:
    return _ANY in names or name in names
