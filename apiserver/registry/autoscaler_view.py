"""Autoscalers of autoscaling/v1 are those of v2 with one metric in sight; the others travel in annotations.

The annotations hold what version 1 has no fields for: further metrics, how fast to follow them, what the metrics are
and the conditions, each in a form older than both versions. It must never lose what one of the versions says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from podwright.api.resources import find
from podwright.apiserver.registry.class_codec import ClassCodec

JSON = dict[str, Any]

_PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, BEHAVIOR = f"{_PREFIX}metrics", f"{_PREFIX}behavior"
CURRENT, CONDITIONS = f"{_PREFIX}current-metrics", f"{_PREFIX}conditions"
_ALL = (METRICS, BEHAVIOR, CURRENT, CONDITIONS)

_SOURCES = ("object", "pods", "resource", "containerResource", "external")
# A field in the older form -> where it is in version 2, below a source. The order is that of the older form.
_TARGETS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "object": (
        ("target", ("describedObject",)), ("metricName", ("metric", "name")), ("targetValue", ("target", "value")),
        ("selector", ("metric", "selector")), ("averageValue", ("target", "averageValue")),
    ),
    "pods": (
        ("metricName", ("metric", "name")), ("targetAverageValue", ("target", "averageValue")),
        ("selector", ("metric", "selector")),
    ),
    "resource": (
        ("name", ("name",)), ("targetAverageUtilization", ("target", "averageUtilization")),
        ("targetAverageValue", ("target", "averageValue")),
    ),
    "containerResource": (
        ("name", ("name",)), ("targetAverageUtilization", ("target", "averageUtilization")),
        ("targetAverageValue", ("target", "averageValue")), ("container", ("container",)),
    ),
    "external": (
        ("metricName", ("metric", "name")), ("metricSelector", ("metric", "selector")),
        ("targetValue", ("target", "value")), ("targetAverageValue", ("target", "averageValue")),
    ),
}  # fmt: skip
_CURRENTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    source: tuple(
        (
            name if name == "target" else name.replace("target", "current"),
            ("current" if path[0] == "target" else path[0], *path[1:]),
        )
        for name, path in fields
    )
    for source, fields in _TARGETS.items()
}
_RULES = (
    ("StabilizationWindowSeconds", "stabilizationWindowSeconds"), ("SelectPolicy", "selectPolicy"),
    ("Policies", "policies"), ("Tolerance", "tolerance"),
)  # fmt: skip
_POLICY = (("Type", "type"), ("Value", "value"), ("PeriodSeconds", "periodSeconds"))


class AutoscalerView:
    """Converts between the two versions."""

    storage = ClassCodec(find("horizontalpodautoscalers", "autoscaling", "v2"))

    def to_storage(self, obj: JSON) -> JSON:
        """Convert to version 2. An annotation that cannot be read counts as none."""
        spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
        metadata: JSON = dict(obj.get("metadata") or {})
        notes: JSON = metadata.get("annotations") or {}
        metadata["annotations"] = {name: value for name, value in notes.items() if name not in _ALL}
        cpu = spec.pop("targetCPUUtilizationPercentage", None)
        others = [_from_older(metric, _TARGETS) for metric in _read(notes, METRICS, list)]
        metrics = ([] if cpu is None else [_cpu("target", cpu)]) + others
        if metrics:
            spec["metrics"] = metrics
        behavior = _read(notes, BEHAVIOR, dict)
        if behavior:
            spec["behavior"] = _behavior(behavior)
        used = status.pop("currentCPUUtilizationPercentage", None)
        seen = [_from_older(metric, _CURRENTS) for metric in _read(notes, CURRENT, list)]
        currents = ([] if used is None else [_cpu("current", used)]) + seen
        if currents:
            status["currentMetrics"] = currents
        conditions = _read(notes, CONDITIONS, list)
        if conditions:
            status["conditions"] = conditions
        return {**obj, "apiVersion": "autoscaling/v2", "metadata": metadata, "spec": spec, "status": status}

    def stored_field(self, field: str) -> str:
        """Nothing can be selected but names, which are called the same."""
        return field

    def from_storage(self, obj: JSON) -> JSON:
        """Convert to version 1."""
        spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
        metadata: JSON = dict(obj.get("metadata") or {})
        notes: JSON = {}
        metrics: list[JSON] = spec.pop("metrics", None) or []
        cpu, others = _first_cpu(metrics, "target")
        if cpu is not None:
            spec["targetCPUUtilizationPercentage"] = cpu
        if others:
            notes[METRICS] = _write([_to_older(metric, _TARGETS) for metric in others])
        behavior: JSON | None = spec.pop("behavior", None)
        if behavior:
            notes[BEHAVIOR] = _write({name: _older_rules(behavior.get(key)) for name, key in _DIRECTIONS})
        used, seen = _first_cpu(status.pop("currentMetrics", None) or [], "current")
        if used is not None:
            status["currentCPUUtilizationPercentage"] = used
        if seen:
            notes[CURRENT] = _write([_to_older(metric, _CURRENTS) for metric in seen])
        conditions = status.pop("conditions", None)
        if conditions:
            notes[CONDITIONS] = _write(conditions)
        if notes:
            metadata["annotations"] = {**(metadata.get("annotations") or {}), **notes}
        return {**obj, "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status}


_DIRECTIONS = (("ScaleUp", "scaleUp"), ("ScaleDown", "scaleDown"))


def _first_cpu(metrics: list[JSON], what: str) -> tuple[int | None, list[JSON]]:
    """The first CPU utilization, which version 1 has a field for, and all other metrics."""
    for index, metric in enumerate(metrics):
        resource: JSON = metric.get("resource") or {}
        percent = (resource.get(what) or {}).get("averageUtilization")
        if metric.get("type") == "Resource" and resource.get("name") == "cpu" and percent is not None:
            return percent, metrics[:index] + metrics[index + 1 :]
    return None, metrics


def _cpu(what: str, percent: int) -> JSON:
    value: JSON = {"averageUtilization": percent}
    if what == "target":
        value = {"type": "Utilization"} | value
    return {"type": "Resource", "resource": {"name": "cpu", what: value}}


def _to_older(metric: JSON, table: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]) -> JSON:
    older: JSON = {"type": metric.get("type") or ""}
    for source in _SOURCES:
        if metric.get(source) is None:
            continue
        fields: JSON = {}
        for name, path in table[source]:
            value: Any = metric[source]
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            if value is not None:
                fields[name] = value
        older[source] = fields
    return older


def _from_older(older: Any, table: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]) -> JSON:
    older = older if isinstance(older, dict) else {}
    metric: JSON = {"type": older.get("type") or ""}
    for source in _SOURCES:
        fields = older.get(source)
        if not isinstance(fields, dict):
            continue
        made: JSON = {}
        for name, path in table[source]:
            if fields.get(name) is None:
                continue
            place = made
            for key in path[:-1]:
                place = place.setdefault(key, {})
            place[path[-1]] = fields[name]
        if table is _TARGETS:
            target: JSON = made.setdefault("target", {})
            made["target"] = {"type": _target_type(target)} | target
        metric[source] = made
    return metric


def _target_type(target: JSON) -> str:
    if "averageUtilization" in target:
        return "Utilization"
    return "AverageValue" if "averageValue" in target else "Value"


def _older_rules(rules: JSON | None) -> JSON | None:
    if rules is None:
        return None
    older = {name: rules.get(key) for name, key in _RULES}
    policies: list[JSON] | None = rules.get("policies")
    older["Policies"] = policies and [{name: policy.get(key) for name, key in _POLICY} for policy in policies]
    return older


def _behavior(older: JSON) -> JSON:
    made: JSON = {}
    for name, key in _DIRECTIONS:
        rules = older.get(name)
        if not isinstance(rules, dict):
            continue
        made[key] = {inner: rules[outer] for outer, inner in _RULES if rules.get(outer) is not None}
        policies = made[key].get("policies")
        if isinstance(policies, list):
            made[key]["policies"] = [
                {inner: policy[outer] for outer, inner in _POLICY if policy.get(outer) is not None}
                for policy in policies
                if isinstance(policy, dict)
            ]
    return made


def _read(notes: JSON, name: str, kind: type[Any]) -> Any:
    try:
        value = json.loads(notes.get(name) or "null")
    except ValueError:
        return kind()
    return value if isinstance(value, kind) else kind()


def _write(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
