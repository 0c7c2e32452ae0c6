"""The objects of the roles and bindings that every cluster has, made from their table. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from podwright.apiserver.authorization.grants import GROUP
from podwright.apiserver.authorization.policy_text import CLUSTER_ROLES, CONTROLLERS, READ, ROLES, WRITE

JSON = dict[str, Any]
AUTO_UPDATE: Final = "rbac.authorization.kubernetes.io/autoupdate"
_LABELS: Final = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_AGGREGATE: Final = "rbac.authorization.k8s.io/aggregate-to-"
_EVENTS: Final = "create,patch,update core,events.k8s.io events"
_KINDS: Final = {"user": "User", "group": "Group"}


@dataclass(slots=True)
class _Entry:
    """One role of the table."""

    namespace: str
    name: str
    words: list[str]
    rules: list[JSON]

    @property
    def options(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in self.words if "=" in word)


def default_objects() -> Iterator[tuple[str, str, JSON]]:
    """All of them: plural, namespace, object; roles come before what binds them."""
    bindings: list[tuple[str, str, JSON]] = []
    for entry in (*_entries(CLUSTER_ROLES), *_controllers(), *_entries(ROLES)):
        yield _role(entry)
        if "->" in entry.words:
            bindings.append(_binding(entry))
    yield from bindings


def _entries(text: str) -> list[_Entry]:
    found: list[_Entry] = []
    for line in text.strip().splitlines():
        if line.startswith(" "):
            found[-1].rules.append(_rule(line.replace("EVENTS", _EVENTS).split()))
        else:
            place, *words = line.split()
            namespace, _, name = place.rpartition("/")
            found.append(_Entry(namespace, name, words, []))
    return found


def _controllers() -> list[_Entry]:
    entries = _entries(CONTROLLERS)
    for entry in entries:
        entry.words = ["->", f"account:{entry.name}"]
        entry.name = f"system:controller:{entry.name}"
    return entries


def _rule(words: list[str]) -> JSON:
    verbs, groups, wanted, *only = words
    rule: JSON = {"verbs": sorted(set(verbs.replace("READ", READ).replace("WRITE", WRITE).split(",")))}
    if groups == "-":
        return {**rule, "nonResourceURLs": wanted.split(",")}
    rule["apiGroups"] = ["" if group == "core" else group for group in groups.split(",")]
    rule["resources"] = wanted.split(",")
    return {**rule, "resourceNames": only} if only else rule


def _metadata(entry: _Entry, name: str) -> JSON:
    place: JSON = {"namespace": entry.namespace} if entry.namespace else {}
    return {"name": name, **place, "labels": dict(_LABELS), "annotations": {AUTO_UPDATE: "true"}}


def _role(entry: _Entry) -> tuple[str, str, JSON]:
    obj: JSON = {"metadata": _metadata(entry, entry.name), "rules": entry.rules}
    options = entry.options
    if "to" in options:
        obj["metadata"]["labels"][_AGGREGATE + options["to"]] = "true"
    if "aggregates" in options:
        selector = {"matchLabels": {_AGGREGATE + options["aggregates"]: "true"}}
        obj |= {"aggregationRule": {"clusterRoleSelectors": [selector]}, "rules": []}
    return "roles" if entry.namespace else "clusterroles", entry.namespace, obj


def _binding(entry: _Entry) -> tuple[str, str, JSON]:
    kind = "Role" if entry.namespace else "ClusterRole"
    obj: JSON = {
        "metadata": _metadata(entry, entry.options.get("as", entry.name)),
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": entry.name},
    }
    subjects = [_subject(word) for word in entry.words if ":" in word and "=" not in word]
    if subjects:
        obj["subjects"] = subjects
    return "rolebindings" if entry.namespace else "clusterrolebindings", entry.namespace, obj


def _subject(word: str) -> JSON:
    kind, _, name = word.partition(":")
    if kind == "account":
        return {"kind": "ServiceAccount", "name": name, "namespace": "kube-system"}
    return {"kind": _KINDS[kind], "apiGroup": GROUP, "name": name}
