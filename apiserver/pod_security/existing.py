"""What a namespace is told of pods that are there already when it begins to ask for more.

They stay; whoever changes the namespace hears which would not be let in again, those that are alike in one line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from podwright.api.quoting import quote
from podwright.apiserver.pod_security.controls import violations
from podwright.apiserver.pod_security.level import Standard

JSON = dict[str, Any]
MOST: Final = 3000
"""Pods that are looked at."""


def warnings_about(
    namespace: str, pods: Sequence[JSON], standard: Standard, exempt_classes: Collection[str]
) -> list[str]:
    """One line for each way in which pods violate a standard, below a line that says so."""
    judged = _one_of_each_first(p for p in pods if (p["spec"].get("runtimeClassName") or "") not in exempt_classes)
    names: dict[str, list[str]] = {}
    for pod in judged[:MOST]:
        found = violations(standard, pod["metadata"], pod["spec"])
        if found:
            names.setdefault(", ".join(each.reason for each in found), []).append(pod["metadata"]["name"])
    lines: list[str] = []
    if len(judged) > MOST:
        part = f"the first {MOST} of {len(judged)} existing pods"
        lines.append(f"new PodSecurity enforce level only checked against {part}")
    if names:
        what = f'the new PodSecurity enforce level "{standard}"'
        lines.append(f"existing pods in namespace {quote(namespace)} violate {what}")
    return lines + sorted(f"{_some(alike)}: {reasons}" for reasons, alike in names.items())


def _some(names: list[str]) -> str:
    more = len(names) - 1
    others = f" (and {more} other {'pod' if more == 1 else 'pods'})" if more else ""
    return f"{min(names)}{others}"


def _one_of_each_first(pods: Iterable[JSON]) -> list[JSON]:
    """Pods of one owner are alike: with many of them, one of each owner is looked at before the rest."""
    first: list[JSON] = []
    rest: list[JSON] = []
    seen: set[str] = set()
    for pod in pods:
        owners: Sequence[JSON] = pod["metadata"].get("ownerReferences") or ()
        owner = next((each.get("uid") or "" for each in owners if each.get("controller")), "")
        (rest if owner and owner in seen else first).append(pod)
        seen.add(owner)
    return first + rest
