"""What disruption budgets say about the eviction of a pod, and what an eviction takes from one.

Pure decisions over documents. Whoever stores a charged budget must store it over exactly the budget it was computed
from: that is what keeps two evictions from taking the same disruption.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from podwright.api.errors import ApiError, forbidden, too_many_requests
from podwright.api.labels import Selector, SelectorError
from podwright.api.times import format_time

JSON = dict[str, Any]
ENDED: Final = frozenset({"Succeeded", "Failed"})
_MOST_UNSEEN: Final = 2000  # granted evictions that the controller has not seen to happen
_RETRY_SECONDS: Final = 10
_REFUSED: Final = "Cannot evict pod as it would violate the pod's disruption budget."
_QUALIFIED: Final = "poddisruptionbudget.policy"  # in the singular, where it is refused


def covering(pod: JSON, budgets: Iterable[JSON]) -> list[JSON]:
    """The budgets of the pod's namespace that select it."""
    labels = pod["metadata"].get("labels")
    return [budget for budget in budgets if _selects(budget, labels)]


def _selects(budget: JSON, labels: JSON | None) -> bool:
    try:
        return Selector.from_label_selector((budget.get("spec") or {}).get("selector")).matches(labels)
    except SelectorError:
        return False


def is_beyond(pod: JSON) -> bool:
    """Tell whether evicting a pod disrupts nothing: it has ended, ends, or has not begun."""
    phase = (pod.get("status") or {}).get("phase")
    return phase in ENDED or phase == "Pending" or "deletionTimestamp" in pod["metadata"]


def may_revive(pod: JSON) -> bool:
    """Tell whether a pod that is beyond its budget may yet come under it: then just this version of it may go."""
    return (pod.get("status") or {}).get("phase") not in ENDED and "deletionTimestamp" not in pod["metadata"]


def spares(budget: JSON, pod: JSON) -> bool:
    """Tell whether a running pod may go without being counted: it is not healthy, and others are or need not be."""
    conditions: list[JSON] = (pod.get("status") or {}).get("conditions") or []
    if any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions):
        return False
    if (budget.get("spec") or {}).get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status: JSON = budget.get("status") or {}
    desired = status.get("desiredHealthy") or 0
    return 0 < desired <= (status.get("currentHealthy") or 0)


def charge(budget: JSON, pod_name: str, now: datetime) -> JSON:
    """Take one disruption from a budget, in place. Raises ApiError 429 when there is none, 403 when it is broken."""
    metadata, status = budget["metadata"], budget.setdefault("status", {})
    name = metadata["name"]
    if (status.get("observedGeneration") or 0) < (metadata.get("generation") or 0):
        raise unsettled(name)
    allowed = status.get("disruptionsAllowed") or 0
    if allowed < 0:
        raise forbidden(_QUALIFIED, name, "pdb disruptions allowed is negative")
    granted: JSON = status.get("disruptedPods") or {}
    if len(granted) > _MOST_UNSEEN:
        raise forbidden(
            _QUALIFIED, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        )
    if not allowed:
        desired, current = status.get("desiredHealthy") or 0, status.get("currentHealthy") or 0
        why = f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
        raise too_many_requests(_REFUSED, causes=[_cause(why)])
    status["disruptionsAllowed"] = allowed - 1
    status["disruptedPods"] = {**granted, pod_name: format_time(now)}
    if allowed == 1:
        _close(status, now)
    return budget


def unsettled(name: str) -> ApiError:
    """The refusal while it is not known what a budget allows."""
    cause = _cause(f"The disruption budget {name} is still being processed by the server.")
    return too_many_requests(_REFUSED, _RETRY_SECONDS, causes=[cause])


def _cause(why: str) -> JSON:
    return {"reason": "DisruptionBudget", "message": why}


def _close(status: JSON, now: datetime) -> None:
    """Report that the budget allows nothing more."""
    for condition in status.get("conditions") or ():
        if condition.get("type") == "DisruptionAllowed" and condition.get("status") != "False":
            condition |= {"status": "False", "reason": "InsufficientPods", "lastTransitionTime": format_time(now)}


def targeted(pod: JSON, now: datetime) -> JSON:
    """Write into a pod's status, in place, that it ends because of an eviction."""
    status: JSON = pod.setdefault("status", {})
    kind = "DisruptionTarget"
    fresh: JSON = {
        "type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": format_time(now),
        "reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting",
    }  # fmt: skip
    conditions: list[JSON] = status.get("conditions") or []
    present = next((c for c in conditions if c.get("type") == kind), None)
    if present is not None and present.get("status") == "True":
        fresh["lastTransitionTime"] = present.get("lastTransitionTime")
    status["conditions"] = [*(c for c in conditions if c is not present), fresh]
    return pod
