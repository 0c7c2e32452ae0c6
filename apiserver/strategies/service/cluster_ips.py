"""Cluster IPs and IP families of a Service: that they agree with each other and change only as they may."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.service.fields import NONE, is_headless

JSON = dict[str, Any]

_FAMILIES = ("IPv4", "IPv6")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_FIXED = "may not change once set"


def validate_cluster_ips(service: JSON, old: JSON | None) -> Errors:
    """List what is wrong with clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy."""
    errors: Errors = []
    spec: JSON = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return errors
    single, several = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    where = "spec.clusterIPs"
    if single and not several:
        errors.append(field_errors.required(where))
    elif single and several[0] != single:
        errors.append(field_errors.invalid(where, several, "first value must match `clusterIP`"))
    elif several and not single:
        errors.append(field_errors.invalid(where, several, "must be empty when `clusterIP` is not specified"))
    _validate_families(errors, spec)
    known = ((old or {}).get("spec") or {}).get("clusterIPs") or ()
    if not _validate_addresses(errors, several, known):
        return errors
    if len(several) > 1 and not formats.is_dual_stack(several):
        errors.append(field_errors.invalid(where, several, "may specify no more than one IP for each IP family"))
    if not is_headless(service):
        for index, (address, family) in enumerate(zip(several, spec.get("ipFamilies") or (), strict=False)):
            if family in _FAMILIES and formats.is_ipv6(address) != (family == "IPv6"):
                detail = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
                errors.append(field_errors.invalid(f"{where}[{index}]", address, detail))
    return errors


def validate_change(service: JSON, old: JSON) -> Errors:
    """List how addresses and families changed that may not: the first ones stay, second ones come and go."""
    errors: Errors = []
    spec: JSON = service.get("spec") or {}
    before: JSON = old.get("spec") or {}
    if "ExternalName" in {spec.get("type"), before.get("type")}:
        return errors
    was, now = is_headless(old), is_headless(service)
    addresses, old_addresses = spec.get("clusterIPs") or [], before.get("clusterIPs") or []
    if not (was and now):
        _validate_list(errors, "clusterIPs", addresses, old_addresses, spec, "clusterIP")
    if not was and not now:
        _validate_list(
            errors, "ipFamilies", spec.get("ipFamilies") or [], before.get("ipFamilies") or [], spec, "ipFamily"
        )
    return errors


def _validate_list(errors: Errors, name: str, new: list[str], old: list[str], spec: JSON, what: str) -> None:
    first = f"spec.{name}[0]"
    if len(new) == len(old):
        for index, (value, earlier) in enumerate(zip(new, old, strict=True)):
            if value != earlier:
                where = f"spec.{name}[{index}]" if name == "clusterIPs" else first
                errors.append(field_errors.invalid(where, new, _FIXED))
        return
    if len(old) > len(new):
        if not spec.get("clusterIPs"):
            errors.append(field_errors.invalid(first, new or None, f"primary {what} can not be unset"))
        if new and new[0] != old[0]:
            errors.append(field_errors.invalid(first, spec.get("clusterIPs"), _FIXED))
        if len(new) == 1 and spec.get("ipFamilyPolicy") != "SingleStack":
            detail = f"must be set to 'SingleStack' when releasing the secondary {what}"
            errors.append(field_errors.invalid("spec.ipFamilyPolicy", spec.get("ipFamilyPolicy"), detail))
    elif old and new[0] != old[0]:
        errors.append(field_errors.invalid(first, spec.get("clusterIPs"), _FIXED))


def _validate_families(errors: Errors, spec: JSON) -> None:
    seen: set[str] = set()
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        where = f"spec.ipFamilies[{index}]"
        if family not in _FAMILIES:
            errors.append(field_errors.not_supported(where, family, _FAMILIES))
        if family in seen:
            errors.append(field_errors.duplicate(where, family))
        seen.add(family)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _POLICIES:
        errors.append(field_errors.not_supported("spec.ipFamilyPolicy", policy, _POLICIES))


def _validate_addresses(errors: Errors, addresses: list[str], known: Any) -> bool:
    """Check each address; tell whether all are addresses (else nothing further can be said)."""
    good = True
    for index, address in enumerate(addresses):
        if index == 0 and address == NONE:
            if len(addresses) > 1:
                good = False
                detail = "'None' must be the first and only value"
                errors.append(field_errors.invalid("spec.clusterIPs", addresses, detail))
            continue
        good &= formats.ip_address(errors, f"spec.clusterIPs[{index}]", address, known)
    if len(addresses) > 2:
        errors.append(field_errors.invalid("spec.clusterIPs", addresses, "may only hold up to 2 values"))
    return good
