"""What a Job's podFailurePolicy says about a failed pod: the first rule that matches decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView

JSON = dict[str, Any]

IGNORE: Final = "Ignore"
COUNT: Final = "Count"


@dataclass(frozen=True, slots=True)
class Match:
    """The rule that matched, and why in words."""

    action: str
    message: str


def match(job: Whole, pod: PodView) -> Match | None:
    """Return the first rule that matches a failed pod. One that has not ended yet matches none."""
    policy: JSON | None = job.spec.get("podFailurePolicy")
    if not policy or pod.phase != "Failed" or pod.work is None:
        return None
    rules: list[JSON] = policy.get("rules") or []
    for number, rule in enumerate(rules):
        action = rule.get("action") or COUNT
        tail = f"matching {action} rule at index {number}"
        if rule.get("onExitCodes"):
            found = _by_exit_code(rule["onExitCodes"], pod)
            if found is not None:
                name, code = found
                where = f"Container {name} for pod {pod.meta.key} failed with exit code {code}"
                return Match(action, f"{where} {tail}")
        listed: list[JSON] = rule.get("onPodConditions") or []
        for wanted in listed:
            if (wanted.get("type"), wanted.get("status") or "True") in pod.work.conditions:
                return Match(action, f"Pod {pod.meta.key} has condition {wanted['type']} {tail}")
    return None


def _by_exit_code(wanted: JSON, pod: PodView) -> tuple[str, int] | None:
    only: str = wanted.get("containerName") or ""
    values: list[int] = wanted.get("values") or []
    assert pod.work is not None, "asked for pods of Jobs only"
    for name, code in pod.work.exits:
        listed = code in values
        if code != 0 and (not only or only == name) and listed is (wanted.get("operator") != "NotIn"):
            return name, code
    return None
