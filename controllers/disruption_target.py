"""Takes back the word that a pod is about to be disrupted, when nothing came of it.

Whoever evicts a pod first writes into it why it will end. If it does not end, the note must not stay: what counts
failures would take a later one for a disruption. A note of the pod's own node is never taken back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from podwright.api.times import format_time
from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import PODS

HOLDS: Final = timedelta(minutes=2)
"""How long a pod may stay after it was said to be disrupted."""


def reconcile(pod: PodView | None, now: datetime) -> Plan:
    """Return the write that takes the note back, or when to look again."""
    if pod is None or pod.disrupted_since is None or not pod.active:
        return NOTHING
    left = pod.disrupted_since + HOLDS - now
    if left > timedelta():
        return Plan(again=left.total_seconds())
    condition = {
        "type": "DisruptionTarget", "status": "False", "reason": None, "message": None,
        "lastTransitionTime": format_time(now),
    }  # fmt: skip
    body = {"metadata": {"uid": pod.meta.uid}, "status": {"conditions": [condition]}}
    return Plan((Patch(PODS, pod.meta.namespace, pod.meta.name, body, form="strategic", subresource="status"),))
