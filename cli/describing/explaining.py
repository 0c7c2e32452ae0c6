"""Why a pod is Pending, node by node, out of the annotation that the scheduler gives its event. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from podwright.cli.describing.page import when

JSON = Mapping[str, Any]

EXPLAIN = "scheduler.podwright.dev/explain"


def why_pending(pod: JSON, events: Sequence[JSON]) -> list[str]:
    """Lines with each node's reasons, [] for a pod that is bound or has none."""
    if pod["spec"].get("nodeName"):
        return []
    found = [e for e in events if EXPLAIN in (e["metadata"].get("annotations") or {})]
    if not found:
        return []
    newest = max(found, key=when)
    try:
        detail: JSON = json.loads(newest["metadata"]["annotations"][EXPLAIN])
        nodes: Mapping[str, Sequence[str]] = detail["nodes"]
    except (ValueError, KeyError, TypeError):
        return []  # another scheduler's annotation: its sentence stands among the events
    lines = ["Why Pending:"]
    if detail.get("everywhere"):
        lines.append(f"  every node:\t{detail['everywhere']}")
    lines += [f"  {node}:\t" + "; ".join(reasons) for node, reasons in sorted(nodes.items())]
    if detail.get("plan"):
        lines.append(f"  plan:\t{detail['plan']}")
    if detail.get("omitted"):
        lines.append(f"  (and {detail['omitted']} more nodes)")
    return lines
