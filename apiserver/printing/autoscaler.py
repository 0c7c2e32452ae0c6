"""The table of autoscalers, which both of their versions share."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import (
    AGE,
    JSON,
    NAME,
    NONE,
    UNSET,
    Cells,
    Column,
    Printer,
    age,
    name,
    section,
)  # fmt: skip

_UNKNOWN = "<unknown>"
_FIELDS = {
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "External": "external",
}
_MOST = 2


def _cells(autoscaler: JSON, now: datetime) -> Cells:
    if autoscaler.get("apiVersion") == "autoscaling/v1":
        from podwright.apiserver.registry.autoscaler_view import AutoscalerView

        autoscaler = AutoscalerView().to_storage(autoscaler)
    spec, status = section(autoscaler, "spec"), section(autoscaler, "status")
    target = section(spec, "scaleTargetRef")
    least = spec.get("minReplicas")
    return [
        name(autoscaler),
        f"{target.get('kind', '')}/{target.get('name', '')}",
        _metrics(spec.get("metrics") or [], status.get("currentMetrics") or []),
        UNSET if least is None else str(least),
        spec.get("maxReplicas") or 0,
        status.get("currentReplicas") or 0,
        age(autoscaler, now),
    ]


def _metrics(wanted: list[JSON], current: list[JSON]) -> str:
    if not wanted:
        return NONE
    texts = [
        _metric(metric, current[index] if index < len(current) else {}) for index, metric in enumerate(wanted[:_MOST])
    ]
    more = f" + {len(wanted) - _MOST} more..." if len(wanted) > _MOST else ""
    return ", ".join(texts) + more


def _metric(metric: JSON, current: JSON) -> str:
    kind = metric.get("type") or ""
    field = _FIELDS.get(kind)
    if field is None:
        return "<unknown type>"
    source, now = section(metric, field), section(section(current, field), "current")
    target = section(source, "target")
    prefix = f"{source.get('name', '')}: " if "esource" in field else ""
    if target.get("averageValue") is not None:
        average = " (avg)" if kind in {"External", "Object"} else ""
        return f"{prefix}{now.get('averageValue') or _UNKNOWN}/{target['averageValue']}{average}"
    if not prefix:
        return f"{now.get('value') or _UNKNOWN}/{target.get('value') or _UNKNOWN}"
    used, wanted = now.get("averageUtilization"), target.get("averageUtilization")
    return f"{prefix}{_UNKNOWN if used is None else f'{used}%'}/{'<auto>' if wanted is None else f'{wanted}%'}"


PRINTER = Printer(
    (
        NAME,
        Column("Reference", "What is scaled."),
        Column("Targets", "What its metrics are and should be."),
        Column("MinPods", "The fewest replicas there may be."),
        Column("MaxPods", "The most replicas there may be."),
        Column("Replicas", "How many replicas there are."),
        AGE,
    ),
    _cells,
)
