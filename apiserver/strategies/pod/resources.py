"""Requests and limits of containers and pods: names of resources, amounts, and how the two relate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.quantities import canonical_amount, milli_of, whole_of

JSON = dict[str, Any]
NameRule = Callable[[Errors, str, str], None]

POD_LEVEL = ("cpu", "hugepages-", "memory")

_COMPUTE = ("cpu", "memory")
_CONTAINER = frozenset(("cpu", "memory", "ephemeral-storage"))
_COUNTED = (
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims",
    "services.nodeports", "services.loadbalancers",
)  # fmt: skip
_WHOLE = frozenset(_COUNTED)
_STANDARD = frozenset(
    (
        *_CONTAINER,
        *(f"{kind}.{name}" for kind in ("requests", "limits") for name in _CONTAINER),
        *_COUNTED,
        "storage",
        "requests.storage",
    )
)
_HUGE_PAGES = "hugepages-"
_NATIVE = "kubernetes.io/"


def validate_requirements(
    errors: Errors, path: str, requirements: JSON, claims: Collection[str], *, pod_level: bool = False
) -> None:
    """Check `resources` of a container, or of a pod as a whole."""
    name_rule = _pod_level_name if pod_level else container_name
    limits: JSON = requirements.get("limits") or {}
    requests: JSON = requirements.get("requests") or {}
    huge = compute = False
    for kind, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            if name in _COMPUTE:
                compute = True
                if milli_of(amount) < 0:
                    amount_value(errors, f"{path}.{kind}[{name}]", name, amount)
            else:
                where = f"{path}.{kind}[{name}]"
                name_rule(errors, where, name)
                amount_value(errors, where, name, amount)
            if kind == "requests":
                _validate_against_limit(errors, path, name, amount, limits)
            if name.startswith(_HUGE_PAGES):
                huge = True
                _validate_huge_page(errors, f"{path}.{kind}[{name}]", name, amount)
    if huge and not compute:
        errors.append(field_errors.forbidden(path, "HugePages require cpu or memory"))
    if requirements.get("claims"):
        _validate_claims(errors, f"{path}.claims", requirements["claims"], claims)


def amount_value(errors: Errors, path: str, name: str, amount: str) -> None:
    """Check that an amount is not negative, and whole where only whole units exist."""
    milli = milli_of(amount)
    if milli < 0:
        errors.append(field_errors.invalid(path, canonical_amount(amount), "must be greater than or equal to 0"))
    if milli % 1000 and name not in _CONTAINER and is_whole(name):
        errors.append(field_errors.invalid(path, canonical_amount(amount), "must be an integer"))


def is_whole(name: str) -> bool:
    """Tell whether a resource comes in whole units."""
    return name in _WHOLE or is_extended(name)


def is_extended(name: str) -> bool:
    """Tell whether a resource is one that nodes advertise under a domain of their own."""
    if _is_native(name) or name.startswith("requests."):
        return False
    return not names.qualified_name(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    """Tell whether requests may differ from limits."""
    return _is_native(name) and not name.startswith(_HUGE_PAGES)


def _is_native(name: str) -> bool:
    return "/" not in name or _NATIVE in name


def _validate_against_limit(errors: Errors, path: str, name: str, amount: str, limits: JSON) -> None:
    limit = limits.get(name)
    if limit is None:
        if not may_overcommit(name):
            detail = "Limit must be set for non overcommitable resources"
            errors.append(field_errors.required(f"{path}.limits", detail))
        return
    if limit == amount:
        return
    wanted, allowed = milli_of(amount), milli_of(limit)
    if wanted != allowed and not may_overcommit(name):
        detail = f"must be equal to {name} limit of {canonical_amount(limit)}"
    elif wanted > allowed:
        detail = f"must be less than or equal to {name} limit of {canonical_amount(limit)}"
    else:
        return
    errors.append(field_errors.invalid(f"{path}.requests", canonical_amount(amount), detail))


def standard_name(errors: Errors, path: str, name: str) -> bool:
    """Check that a resource is known or has a domain; tell whether it is so."""
    problems = names.qualified_name(name)
    if not problems and "/" not in name and name not in _STANDARD and not _is_quota_huge_page(name):
        problems = ["must be a standard resource type or fully qualified"]
    formats.complain(errors, path, name, problems)
    return not problems


def _is_quota_huge_page(name: str) -> bool:
    return name.startswith((_HUGE_PAGES, "requests.hugepages-"))


def container_name(errors: Errors, path: str, name: str) -> None:
    """Check the name of a resource that containers ask for."""
    standard_name(errors, path, name)
    if "/" not in name:
        if name not in _CONTAINER and not name.startswith(_HUGE_PAGES):
            errors.append(field_errors.invalid(path, name, "must be a standard resource for containers"))
    elif not _is_native(name) and not is_extended(name):
        errors.append(field_errors.invalid(path, name, "doesn't follow extended resource name standard"))


def _pod_level_name(errors: Errors, path: str, name: str) -> None:
    known = name in _COMPUTE or name.startswith(_HUGE_PAGES)
    if standard_name(errors, path, name) and not known:
        errors.append(field_errors.not_supported(path, name, POD_LEVEL))


def _validate_huge_page(errors: Errors, path: str, name: str, amount: str) -> None:
    try:
        size = milli_of(name.removeprefix(_HUGE_PAGES))
    except ValueError:
        size = 0
    if size <= 0 or size % 1000 or whole_of(amount) * 1000 % size:
        text = canonical_amount(amount)
        errors.append(field_errors.invalid(path, text, f"{text} is not positive integer multiple of {name}"))


def _validate_claims(errors: Errors, path: str, used: Sequence[JSON], claims: Collection[str]) -> None:
    seen: set[str] = set()
    for index, claim in enumerate(used):
        where, name = f"{path}[{index}]", claim.get("name") or ""
        if not name:
            errors.append(field_errors.required(where))
            continue
        _validate_claim(errors, where, name, claim.get("request") or "", seen)
        if name not in claims:
            detail = "must be one of the names in pod.spec.resourceClaims"
            detail += f": {', '.join(sorted(claims))}" if claims else " which is empty"
            errors.append(field_errors.not_found(where, name, detail))


def _validate_claim(errors: Errors, path: str, name: str, request: str, seen: set[str]) -> None:
    if name in seen:
        errors.append(field_errors.duplicate(path, name))
        return
    key = name
    if request:
        formats.dns_label(errors, f"{path}.request", request)
        key = f"{name}/{request}"
    if key in seen:
        errors.append(field_errors.duplicate(path, key))
    elif not request:
        errors.extend(field_errors.duplicate(path, name) for other in seen if other.partition("/")[0] == name)
    seen.add(key)
