"""The rules of autoscalers: bounds that fit together, metrics that say what they should be, a pace that can be kept.

They are those of version 2; version 1 asks them through `converted`.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podwright.api import field_errors, names, quantity
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.resources import container_name
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_TARGET_TYPES = ("Utilization", "Value", "AverageValue")
_LONGEST_WINDOW, _LONGEST_PERIOD = 3600, 1800
_DIRECTIONS = ("scaleUp", "scaleDown")
_TARGET, _DESCRIBED = "scaleTargetRef", "describedObject"
_WITHOUT_GROUP = frozenset(("ReplicationController",))
"""What can be scaled and is of the group without a name."""
_MORE_THAN_NONE = "must be greater than zero"


class HorizontalPodAutoscalerStrategy(Strategy):
    """Autoscalers."""

    def default(self, obj: JSON) -> None:
        """Fill in one replica, four fifths of the CPU, and what a behavior that is given leaves open."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        if spec.get("minReplicas") is None:
            spec["minReplicas"] = 1
        if not spec.get("metrics"):
            target = {"type": "Utilization", "averageUtilization": 80}
            spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
        if spec.get("behavior") is not None:
            spec["behavior"] = {
                name: _default_rules(name)
                | {k: v for k, v in (spec["behavior"].get(name) or {}).items() if v or v == 0}
                for name in _DIRECTIONS
            }

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status."""
        obj["status"] = {"desiredReplicas": 0, "currentMetrics": None}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status."""
        keep(obj, old, "status")

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
        if least is not None and least < 1:
            errors.append(field_errors.invalid("spec.minReplicas", least, "must be greater than or equal to 1"))
        if most < 1:
            errors.append(field_errors.required("spec.maxReplicas", "must be set and greater than 0"))
        if least is not None and most < least:
            detail = "must be greater than or equal to `minReplicas`"
            errors.append(field_errors.invalid("spec.maxReplicas", most, detail))
        _validate_reference(errors, f"spec.{_TARGET}", spec.get(_TARGET) or {}, any_group=False)
        for index, metric in enumerate(spec.get("metrics") or ()):
            _validate_metric(errors, f"spec.metrics[{index}]", metric)
        behavior: JSON = spec.get("behavior") or {}
        for name in _DIRECTIONS:
            if behavior.get(name) is not None:
                _validate_rules(errors, f"spec.behavior.{name}", behavior[name])
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed autoscaler; references that were of no known group before may stay so."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        forgiven = _of_no_version(old.get("spec") or {})
        return errors + [error for error in self.validate_create(obj, ctx) if not error.field.endswith(forgiven)]

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        errors: Errors = []
        for name in ("currentReplicas", "desiredReplicas"):
            formats.not_negative(errors, f"status.{name}", (obj.get("status") or {}).get(name))
        return errors


def _default_rules(direction: str) -> JSON:
    policies = [{"type": "Percent", "value": 100, "periodSeconds": 15}]
    if direction == "scaleDown":
        return {"selectPolicy": "Max", "policies": policies}
    more = [{"type": "Pods", "value": 4, "periodSeconds": 15}, *policies]
    return {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": more}


def _of_no_version(spec: JSON) -> tuple[str, ...]:
    """How the paths end of the references in a spec that name no version that could be."""
    described = [(metric.get("object") or {}).get(_DESCRIBED) or {} for metric in spec.get("metrics") or ()]
    found = [_DESCRIBED] if any(_version_problem(reference, any_group=True) for reference in described) else []
    if _version_problem(spec.get(_TARGET) or {}, any_group=False):
        found.append(_TARGET)
    return tuple(f"{name}.apiVersion" for name in found)


def _version_problem(reference: JSON, *, any_group: bool) -> str:
    version: str = reference.get("apiVersion") or ""
    if version.count("/") > 1:
        return f"unexpected GroupVersion string: {version}"
    if any_group or version.rpartition("/")[0] or reference.get("kind") in _WITHOUT_GROUP:
        return ""
    return "apiVersion must specify API group"


def _validate_reference(errors: Errors, path: str, reference: JSON, *, any_group: bool) -> None:
    for name in ("kind", "name"):
        value = reference.get(name) or ""
        if not value:
            errors.append(field_errors.required(f"{path}.{name}"))
        else:
            formats.complain(errors, f"{path}.{name}", value, names.path_segment(value))
    problem = _version_problem(reference, any_group=any_group)
    if problem:
        errors.append(field_errors.invalid(f"{path}.apiVersion", reference.get("apiVersion") or "", problem))


def _validate_identifier(errors: Errors, path: str, metric: JSON) -> None:
    name = metric.get("name") or ""
    if not name:
        errors.append(field_errors.required(f"{path}.name", "must specify a metric name"))
    else:
        formats.complain(errors, f"{path}.name", name, names.path_segment(name))


def _validate_target(errors: Errors, path: str, target: JSON) -> None:
    kind = target.get("type") or ""
    if not kind:
        errors.append(field_errors.required(f"{path}.type", "must specify a metric target type"))
    if kind not in _TARGET_TYPES:
        detail = "must be either Utilization, Value, or AverageValue"
        errors.append(field_errors.invalid(f"{path}.type", kind, detail))
    for name in ("value", "averageValue"):
        if target.get(name) is not None and not _positive(target[name]):
            errors.append(field_errors.invalid(f"{path}.{name}", target[name], "must be positive"))
    percent = target.get("averageUtilization")
    if percent is not None and percent < 1:
        errors.append(field_errors.invalid(f"{path}.averageUtilization", percent, "must be greater than 0"))


def _positive(amount: str) -> bool:
    return quantity.parse(amount).nanos > 0


def _validate_object(errors: Errors, path: str, source: JSON) -> None:
    target: JSON = source.get("target") or {}
    _validate_reference(errors, f"{path}.{_DESCRIBED}", source.get(_DESCRIBED) or {}, any_group=True)
    _validate_identifier(errors, f"{path}.metric", source.get("metric") or {})
    _validate_target(errors, f"{path}.target", target)
    if target.get("value") is None and target.get("averageValue") is None:
        detail = "must set either a target value or averageValue"
        errors.append(field_errors.required(f"{path}.target.averageValue", detail))


def _validate_external(errors: Errors, path: str, source: JSON) -> None:
    target: JSON = source.get("target") or {}
    _validate_identifier(errors, f"{path}.metric", source.get("metric") or {})
    _validate_target(errors, f"{path}.target", target)
    given = [target.get(name) is not None for name in ("value", "averageValue")]
    if not any(given):
        detail = "must set either a target value for metric or a per-pod target"
        errors.append(field_errors.required(f"{path}.target.averageValue", detail))
    if all(given):
        detail = "may not set both a target value for metric and a per-pod target"
        errors.append(field_errors.forbidden(f"{path}.target.value", detail))


def _validate_pods(errors: Errors, path: str, source: JSON) -> None:
    target: JSON = source.get("target") or {}
    _validate_identifier(errors, f"{path}.metric", source.get("metric") or {})
    _validate_target(errors, f"{path}.target", target)
    if target.get("averageValue") is None:
        detail = "must specify a positive target averageValue"
        errors.append(field_errors.required(f"{path}.target.averageValue", detail))


def _validate_resource(errors: Errors, path: str, source: JSON) -> None:
    target: JSON = source.get("target") or {}
    if not source.get("name"):
        errors.append(field_errors.required(f"{path}.name", "must specify a resource name"))
    _validate_target(errors, f"{path}.target", target)
    given = [target.get(name) is not None for name in ("averageUtilization", "averageValue")]
    if not any(given):
        detail = "must set either a target raw value or a target utilization"
        errors.append(field_errors.required(f"{path}.target.averageUtilization", detail))
    if all(given):
        detail = "may not set both a target raw value and a target utilization"
        errors.append(field_errors.forbidden(f"{path}.target.averageValue", detail))


def _validate_container_resource(errors: Errors, path: str, source: JSON) -> None:
    name, container = source.get("name"), source.get("container")
    if name:
        container_name(errors, f"{path}.name", name)
    if container:
        formats.dns_label(errors, f"{path}.container", container)
    else:
        errors.append(field_errors.required(f"{path}.container", "must specify a container"))
    _validate_resource(errors, path, source)


_SOURCES: dict[str, tuple[str, Callable[[Errors, str, JSON], None]]] = {
    "Object": ("object", _validate_object),
    "External": ("external", _validate_external),
    "Pods": ("pods", _validate_pods),
    "Resource": ("resource", _validate_resource),
    "ContainerResource": ("containerResource", _validate_container_resource),
}


def _validate_metric(errors: Errors, path: str, metric: JSON) -> None:
    kind = metric.get("type") or ""
    if not kind:
        errors.append(field_errors.required(f"{path}.type", "must specify a metric source type"))
    if kind not in _SOURCES:
        # Clients see it twice: of the check of the type, and of the one which source should be there.
        errors += [field_errors.not_supported(f"{path}.type", kind, tuple(sorted(_SOURCES)))] * 2
    present = [(name, check) for name, check in _SOURCES.values() if metric.get(name) is not None]
    if present:
        name, check = present[0]
        check(errors, f"{path}.{name}", metric[name])
    expected = _SOURCES[kind][0] if kind in _SOURCES else ""
    if expected and metric.get(expected) is None:
        detail = "must populate information for the given metric source"
        errors.append(field_errors.required(f"{path}.{expected}", detail))
    if len(present) > 1:
        detail = "must populate the given metric source only"
        others = sorted(name for name, _ in present if name != expected)
        errors.extend(field_errors.forbidden(f"{path}.{name}", detail) for name in others)


def _validate_rules(errors: Errors, path: str, rules: JSON) -> None:
    window: int | None = rules.get("stabilizationWindowSeconds")
    where = f"{path}.stabilizationWindowSeconds"
    if window is not None and window < 0:
        errors.append(field_errors.invalid(where, window, "must be greater than or equal to zero"))
    if window is not None and window > _LONGEST_WINDOW:
        errors.append(field_errors.invalid(where, window, f"must be less than or equal to {_LONGEST_WINDOW}"))
    choice = rules.get("selectPolicy")
    if choice is not None:
        _one_of(errors, f"{path}.selectPolicy", choice, ("Disabled", "Max", "Min"))
    policies: list[JSON] = rules.get("policies") or []
    if not policies:
        errors.append(field_errors.required(f"{path}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(policies):
        _validate_policy(errors, f"{path}.policies[{index}]", policy)
    tolerance: Any = rules.get("tolerance")
    if tolerance is not None and quantity.parse(tolerance).nanos < 0:
        detail = "must be greater than or equal to 0"
        errors.append(field_errors.invalid(f"{path}.tolerance", tolerance, detail))


def _validate_policy(errors: Errors, path: str, policy: JSON) -> None:
    _one_of(errors, f"{path}.type", policy.get("type") or "", ("Percent", "Pods"))
    for name in ("value", "periodSeconds"):
        if (policy.get(name) or 0) <= 0:
            errors.append(field_errors.invalid(f"{path}.{name}", policy.get(name) or 0, _MORE_THAN_NONE))
    period = policy.get("periodSeconds") or 0
    if period > _LONGEST_PERIOD:
        detail = f"must be less than or equal to {_LONGEST_PERIOD}"
        errors.append(field_errors.invalid(f"{path}.periodSeconds", period, detail))


def _one_of(errors: Errors, path: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        errors.append(field_errors.not_supported(path, value, allowed))
