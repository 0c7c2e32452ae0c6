"""Where a pod may run: node and pod affinity, tolerations, topology spread, gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats, selectors
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
_NODE_POLICIES = ("Honor", "Ignore")
_WEIGHT = "must be in the range 1-100"
_NOT_AN_OPERATOR = "not a valid selector operator"


def validate_affinity(errors: Errors, path: str, affinity: JSON) -> None:
    """Check `spec.affinity`."""
    node = affinity.get("nodeAffinity")
    if node is not None:
        _validate_node_affinity(errors, f"{path}.nodeAffinity", node)
    for kind in ("podAffinity", "podAntiAffinity"):
        terms = affinity.get(kind)
        if terms is not None:
            _validate_pod_affinity(errors, f"{path}.{kind}", terms)


def validate_node_selector(errors: Errors, path: str, selector: JSON) -> None:
    """Check a NodeSelector: at least one term, each of good requirements."""
    terms = selector.get("nodeSelectorTerms")
    where = f"{path}.nodeSelectorTerms"
    if not terms:
        errors.append(field_errors.required(where, "must have at least one node selector term"))
        return
    for index, term in enumerate(terms):
        _validate_term(errors, f"{where}[{index}]", term, values=True)


def validate_tolerations(errors: Errors, path: str, tolerations: Sequence[JSON]) -> None:
    """Check `spec.tolerations`."""
    for index, toleration in enumerate(tolerations):
        get = toleration.get
        key, operator, effect = get("key"), get("operator") or "", get("effect") or ""
        where = f"{path}[{index}]"
        if key:
            formats.qualified_name(errors, f"{where}.key", key)
        elif operator != "Exists":
            detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            errors.append(field_errors.invalid(f"{where}.operator", operator, detail))
        if get("tolerationSeconds") is not None and effect != "NoExecute":
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(field_errors.invalid(f"{where}.effect", effect, detail))
        _validate_operator(errors, f"{where}.operator", operator, get("value") or "")
        if effect and effect not in _EFFECTS:
            errors.append(field_errors.not_supported(f"{where}.effect", effect, _EFFECTS))


def validate_taint_effect(errors: Errors, path: str, effect: str | None) -> None:
    """Check a taint's effect, which must be given."""
    formats.one_of(errors, path, effect, _EFFECTS)


def validate_spread(errors: Errors, path: str, constraints: Sequence[JSON]) -> None:
    """Check `spec.topologySpreadConstraints`."""
    for index, constraint in enumerate(constraints):
        where = f"{path}[{index}]"
        skew, key = constraint.get("maxSkew") or 0, constraint.get("topologyKey") or ""
        action = constraint.get("whenUnsatisfiable") or ""
        _positive(errors, f"{where}.maxSkew", skew)
        if not key:
            errors.append(field_errors.required(f"{where}.topologyKey", "can not be empty"))
        if action not in _ACTIONS:
            errors.append(field_errors.not_supported(f"{where}.whenUnsatisfiable", action, _ACTIONS))
        if _repeats(key, action, constraints[index + 1 :]):
            repeated = f"{where}.{{topologyKey, whenUnsatisfiable}}"
            errors.append(field_errors.duplicate(repeated, f"{{{key}, {action}}}"))
        domains = constraint.get("minDomains")
        if domains is not None:
            _positive(errors, f"{where}.minDomains", domains)
            if action != "DoNotSchedule":
                detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
                errors.append(field_errors.invalid(f"{where}.minDomains", domains, detail))
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = constraint.get(name)
            if policy is not None and policy not in _NODE_POLICIES:
                errors.append(field_errors.not_supported(f"{where}.{name}", policy, _NODE_POLICIES))
        selector = constraint.get("labelSelector")
        _validate_label_keys(errors, where, constraint.get("matchLabelKeys") or (), (), selector)
        selectors.validate(errors, f"{where}.labelSelector", selector)


def validate_gates(errors: Errors, path: str, spec: JSON) -> None:
    """Check readiness and scheduling gates."""
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        where = f"{path}.readinessGates[{index}].conditionType"
        formats.qualified_name(errors, where, gate.get("conditionType") or "")
    seen: set[str] = set()
    for index, gate in enumerate(spec.get("schedulingGates") or ()):
        where, name = f"{path}.schedulingGates[{index}]", gate.get("name") or ""
        formats.qualified_name(errors, where, name)
        if name in seen:
            errors.append(field_errors.duplicate(where, name))
        seen.add(name)


def _validate_operator(errors: Errors, path: str, operator: str, value: str) -> None:
    if operator in {"", "Equal"}:
        problems = names.label_value(value) if value else None
        if problems:
            errors.append(field_errors.invalid(path, value, ";".join(problems)))
    elif operator == "Exists":
        if value:
            errors.append(field_errors.invalid(path, value, "value must be empty when `operator` is 'Exists'"))
    else:
        errors.append(field_errors.not_supported(path, operator, ("Equal", "Exists")))


def _validate_node_affinity(errors: Errors, path: str, affinity: JSON) -> None:
    required = affinity.get(_REQUIRED)
    if required is not None:
        validate_node_selector(errors, f"{path}.{_REQUIRED}", required)
    for index, term in enumerate(affinity.get(_PREFERRED) or ()):
        where = f"{path}.{_PREFERRED}[{index}]"
        _validate_weight(errors, f"{where}.weight", term)
        _validate_term(errors, f"{where}.preference", term.get("preference") or {}, values=False)


def _validate_weight(errors: Errors, path: str, term: JSON) -> None:
    weight = term.get("weight") or 0
    if not 0 < weight <= 100:
        errors.append(field_errors.invalid(path, weight, _WEIGHT))


def _validate_term(errors: Errors, path: str, term: JSON, *, values: bool) -> None:
    for index, requirement in enumerate(term.get("matchExpressions") or ()):
        _validate_expression(errors, f"{path}.matchExpressions[{index}]", requirement, values=values)
    for index, requirement in enumerate(term.get("matchFields") or ()):
        _validate_field(errors, f"{path}.matchFields[{index}]", requirement)


def _validate_expression(errors: Errors, path: str, requirement: JSON, *, values: bool) -> None:
    operator, found = requirement.get("operator") or "", requirement.get("values") or ()
    where = f"{path}.values"
    if operator in {"In", "NotIn"}:
        if not found:
            errors.append(field_errors.required(where, "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in {"Exists", "DoesNotExist"}:
        if found:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(field_errors.forbidden(where, detail))
    elif operator in {"Gt", "Lt"}:
        if len(found) != 1:
            detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            errors.append(field_errors.required(where, detail))
    else:
        errors.append(field_errors.invalid(f"{path}.operator", operator, _NOT_AN_OPERATOR))
    formats.qualified_name(errors, f"{path}.key", requirement.get("key") or "")
    if values:  # a preference may name values no label can have: it just never holds
        for index, value in enumerate(found):
            formats.complain(errors, f"{where}[{index}]", value, names.label_value(value))


def _validate_field(errors: Errors, path: str, requirement: JSON) -> None:
    operator, found = requirement.get("operator") or "", requirement.get("values") or ()
    if operator not in {"In", "NotIn"}:
        errors.append(field_errors.invalid(f"{path}.operator", operator, _NOT_AN_OPERATOR))
    elif len(found) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(field_errors.required(f"{path}.values", detail))
    key = requirement.get("key") or ""
    if key != "metadata.name":
        errors.append(field_errors.invalid(f"{path}.key", key, "not a valid field selector key"))
        return
    for index, value in enumerate(found):
        formats.complain(errors, f"{path}.values[{index}]", value, names.dns1123_subdomain(value))


def _validate_pod_affinity(errors: Errors, path: str, affinity: JSON) -> None:
    for index, term in enumerate(affinity.get(_REQUIRED) or ()):
        _validate_pod_term(errors, f"{path}.{_REQUIRED}[{index}]", term)
    for index, weighted in enumerate(affinity.get(_PREFERRED) or ()):
        where = f"{path}.{_PREFERRED}[{index}]"
        _validate_weight(errors, f"{where}.weight", weighted)
        _validate_pod_term(errors, f"{where}.podAffinityTerm", weighted.get("podAffinityTerm") or {})


def _validate_pod_term(errors: Errors, path: str, term: JSON) -> None:
    selector, key = term.get("labelSelector"), term.get("topologyKey") or ""
    selectors.validate(errors, f"{path}.labelSelector", selector)
    selectors.validate(errors, f"{path}.namespaceSelector", term.get("namespaceSelector"))
    for namespace in term.get("namespaces") or ():
        formats.dns_label(errors, f"{path}.namespace", namespace)
    match, mismatch = term.get("matchLabelKeys") or (), term.get("mismatchLabelKeys") or ()
    _validate_label_keys(errors, path, match, mismatch, selector)
    if not key:
        errors.append(field_errors.required(f"{path}.topologyKey", "can not be empty"))
    formats.qualified_name(errors, f"{path}.topologyKey", key)


def _validate_label_keys(
    errors: Errors, path: str, match: Sequence[str], mismatch: Sequence[str], selector: JSON | None
) -> None:
    for name, keys in (("matchLabelKeys", match), ("mismatchLabelKeys", mismatch)):
        if keys and selector is None:
            detail = "must not be specified when labelSelector is not set"
            errors.append(field_errors.forbidden(f"{path}.{name}", detail))
        elif keys:
            for index, key in enumerate(keys):
                formats.qualified_name(errors, f"{path}.{name}[{index}]", key)
    if selector and match:
        # The server itself adds one requirement per matchLabelKeys entry; a second one came from the user.
        seen: set[str] = set(selector.get("matchLabels") or {})
        for expression in selector.get("matchExpressions") or ():
            key = expression.get("key") or ""
            if key in match and key in seen:
                where = f"{path}[{len(match) - 1 - list(reversed(match)).index(key)}]"
                detail = "exists in both matchLabelKeys and labelSelector"
                errors.append(field_errors.invalid(where, key, detail))
            seen.add(key)
    for index, key in enumerate(match):
        if key in mismatch:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            errors.append(field_errors.invalid(f"{path}.matchLabelKeys[{index}]", key, detail))


def _positive(errors: Errors, path: str, value: int) -> None:
    if value <= 0:
        errors.append(field_errors.invalid(path, value, "must be greater than zero"))


def _repeats(key: str, action: str, others: Sequence[JSON]) -> bool:
    return any(
        (other.get("topologyKey") or "", other.get("whenUnsatisfiable") or "") == (key, action) for other in others
    )
