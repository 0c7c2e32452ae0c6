"""The rules of which requests a webhook or policy is for: operations, resources, selectors, conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats, selectors
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

FAILURE_POLICIES: Final = ("Fail", "Ignore")
MATCH_POLICIES: Final = ("Equivalent", "Exact")
MOST_CONDITIONS: Final = 64

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_NOT_FOUND_ACTIONS = ("Deny", "Allow")

CheckExpression = Callable[[Errors, str, str], None]
"""(errors, path, expression): adds what is wrong with an expression."""


def default_rules(rules: Sequence[JSON] | None) -> None:
    """Fill in that rules are about every scope."""
    for rule in rules or ():
        if rule.get("scope") is None:
            rule["scope"] = "*"


def default_match(match: JSON | None) -> None:
    """Fill in selectors that choose everything, and that other versions are meant too."""
    if match is None:
        return
    for key in ("namespaceSelector", "objectSelector"):
        if match.get(key) is None:
            match[key] = {}
    if match.get("matchPolicy") is None:
        match["matchPolicy"] = "Equivalent"
    default_rules(match.get("resourceRules"))
    default_rules(match.get("excludeResourceRules"))


def one_if_given(errors: Errors, path: str, value: str | None, allowed: tuple[str, ...]) -> None:
    """Check a value that need not be given."""
    if value is not None and value not in allowed:
        errors.append(field_errors.not_supported(path, value, allowed))


def validate_rule(errors: Errors, path: str, rule: JSON) -> None:
    """Check operations and resources."""
    operations: list[str] = rule.get("operations") or []
    if not operations:
        errors.append(field_errors.required(f"{path}.operations"))
    _alone(errors, f"{path}.operations", operations, "operations")
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            errors.append(field_errors.not_supported(f"{path}.operations[{index}]", operation, _OPERATIONS))
    for name, what in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values: list[str] = rule.get(name) or []
        if not values:
            errors.append(field_errors.required(f"{path}.{name}"))
        _alone(errors, f"{path}.{name}", values, what)
    for index, version in enumerate(rule.get("apiVersions") or ()):
        if not version:
            errors.append(field_errors.required(f"{path}.apiVersions[{index}]"))
    _validate_resources(errors, f"{path}.resources", rule.get("resources") or [])
    one_if_given(errors, f"{path}.scope", rule.get("scope"), _SCOPES)


def _alone(errors: Errors, path: str, values: list[str], what: str) -> None:
    if len(values) > 1 and "*" in values:
        errors.append(field_errors.invalid(path, values, f"if '*' is present, must not specify other {what}"))


def _validate_resources(errors: Errors, path: str, resources: list[str]) -> None:
    if not resources:
        errors.append(field_errors.required(path))
    all_parts: set[str] = set()  # x of x/*
    of_all: set[str] = set()  # y of */y
    plain = False
    for index, resource in enumerate(resources):
        where = f"{path}[{index}]"
        if not resource:
            errors.append(field_errors.required(where))
            continue
        name, slash, part = resource.partition("/")
        if not slash:
            plain = name != "*"
            continue
        if name in all_parts:
            detail = f"if '{name}/*' is present, must not specify {resource}"
            errors.append(field_errors.invalid(where, resource, detail))
        if part in of_all:
            detail = f"if '*/{part}' is present, must not specify {resource}"
            errors.append(field_errors.invalid(where, resource, detail))
        all_parts |= {name} if part == "*" else set()
        of_all |= {part} if name == "*" else set()
    if len(resources) > 1 and "*/*" in resources:
        detail = "if '*/*' is present, must not specify other resources"
        errors.append(field_errors.invalid(path, resources, detail))
    if "*" in resources and plain:
        detail = "if '*' is present, must not specify other resources without subresources"
        errors.append(field_errors.invalid(path, resources, detail))


def validate_match(errors: Errors, path: str, match: JSON) -> None:
    """Check which requests a policy is for."""
    formats.one_of(errors, f"{path}.matchPolicy", match.get("matchPolicy"), MATCH_POLICIES)
    for key in ("namespaceSelector", "objectSelector"):
        selectors.validate(errors, f"{path}.{key}", match.get(key))
    for key in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(match.get(key) or ()):
            _validate_names(errors, f"{path}.{key}[{index}].resourceNames", rule.get("resourceNames") or [])
            validate_rule(errors, f"{path}.{key}[{index}]", rule)


def _validate_names(errors: Errors, path: str, given: list[str]) -> None:
    for index, name in enumerate(given):
        formats.complain(errors, f"{path}[{index}]", name, names.path_segment(name))
        if name in given[:index]:
            errors.append(field_errors.duplicate(f"{path}[{index}]", name))


def validate_constraints(errors: Errors, path: str, match: JSON | None) -> None:
    """Check the requests of a policy, which must name resources."""
    if match is None:
        errors.append(field_errors.required(path))
        return
    validate_match(errors, path, match)
    if not match.get("resourceRules"):
        errors.append(field_errors.required(f"{path}.resourceRules"))


def validate_conditions(errors: Errors, path: str, conditions: Sequence[JSON], check: CheckExpression) -> None:
    """Check further conditions: names that differ, and expressions."""
    if len(conditions) > MOST_CONDITIONS:
        errors.append(field_errors.too_many(path, len(conditions), MOST_CONDITIONS))
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        where, name = f"{path}[{index}]", condition.get("name") or ""
        expression = (condition.get("expression") or "").strip()
        if expression:
            check(errors, f"{where}.expression", expression)
        else:
            errors.append(field_errors.required(f"{where}.expression"))
        if not name:
            errors.append(field_errors.required(f"{where}.name"))
            continue
        formats.qualified_name(errors, f"{where}.name", name)
        if name in seen:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        seen.add(name)


def validate_param_kind(errors: Errors, path: str, kind: JSON) -> None:
    """Check the kind of parameters."""
    where, api_version = f"{path}.apiVersion", kind.get("apiVersion") or ""
    if not api_version:
        errors.append(field_errors.required(where))
    elif api_version.count("/") > 1:
        detail = f"unexpected GroupVersion string: {api_version}"
        errors.append(field_errors.invalid(where, api_version, detail))
    else:
        group, _, version = api_version.rpartition("/")
        problems = names.dns1123_subdomain(group) if group else []
        if problems:
            errors.append(field_errors.invalid(where, group, ",".join(problems)))
        if not version:
            errors.append(field_errors.invalid(where, api_version, "version must be specified"))
        elif names.dns1035_label(version):
            errors.append(field_errors.invalid(where, version, ",".join(names.dns1035_label(version))))
    name = kind.get("kind") or ""
    if not name:
        errors.append(field_errors.required(f"{path}.kind"))
    elif problems := names.dns1035_label(name.lower()):
        detail = "may have mixed case, but should otherwise match: " + ",".join(problems)
        errors.append(field_errors.invalid(f"{path}.kind", name, detail))


def validate_param_ref(errors: Errors, path: str, reference: JSON) -> None:
    """Check the reference to parameters: by name or by labels."""
    name, selector = reference.get("name") or "", reference.get("selector")
    both = "name and selector are mutually exclusive"
    if name:
        formats.complain(errors, f"{path}.name", name, names.path_segment(name))
        if selector is not None:
            errors.append(field_errors.forbidden(f"{path}.name", both))
    if selector is not None:
        selectors.validate(errors, f"{path}.selector", selector)
        if name:
            errors.append(field_errors.forbidden(f"{path}.selector", both))
    if not name and selector is None:
        errors.append(field_errors.required(path, "one of name or selector must be specified"))
    action = reference.get("parameterNotFoundAction")
    formats.one_of(errors, f"{path}.parameterNotFoundAction", action, _NOT_FOUND_ACTIONS)
