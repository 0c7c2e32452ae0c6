"""The addresses a Service has and of which IP families: what the writer said, what the old one had, what is possible.

Run before addresses are allocated. Functions fill the new object in place and never change the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.service.cluster_ips import validate_cluster_ips
from podwright.apiserver.strategies.service.fields import NONE, needs_cluster_ip, needs_health_check, needs_node_port

JSON = dict[str, Any]

FAMILIES = ("IPv4",)
"""The IP families of this cluster's service network."""

_OTHER = {"IPv4": "IPv6", "IPv6": "IPv4"}


def normalize_cluster_ips(service: JSON, old: JSON | None) -> None:
    """Make `clusterIP` and `clusterIPs` agree where the writer set only one of them."""
    spec: JSON = service["spec"]
    single, several = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    if old is None:
        if single and not several:
            spec["clusterIPs"] = [single]
        return
    before: JSON = old.get("spec") or {}
    old_single, old_several = before.get("clusterIP") or "", before.get("clusterIPs") or []
    if single == old_single:
        if old_several and not several:
            spec["clusterIPs"] = list(old_several)
    elif several == old_several:
        if old_single and not single:
            spec.pop("clusterIPs", None)
        else:
            spec["clusterIPs"] = [single]


def patch_allocated(service: JSON, old: JSON) -> None:
    """Give back addresses and ports that the old service had and a writer who replaces it left out."""
    spec: JSON = service["spec"]
    before: JSON = old.get("spec") or {}
    if needs_cluster_ip(old) and needs_cluster_ip(service):
        if not spec.get("clusterIP") and before.get("clusterIP"):
            spec["clusterIP"] = before["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == before.get("clusterIP") and before.get("clusterIPs"):
            spec["clusterIPs"] = list(before["clusterIPs"])
    if needs_node_port(old) and needs_node_port(service):
        _patch_node_ports(spec.get("ports") or (), before.get("ports") or ())
    if needs_health_check(old) and needs_health_check(service) and before.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = spec.get("healthCheckNodePort") or before["healthCheckNodePort"]


def init_families(service: JSON, old: JSON | None, families: Sequence[str] = FAMILIES) -> Errors:
    """Fill in `ipFamilyPolicy` and `ipFamilies`, or list why the wishes do not fit the cluster's `families`.

    The first of `families` is the cluster's own. Idempotent.
    """
    spec: JSON = service["spec"]
    before: JSON | None = (old.get("spec") or {}) if old is not None else None
    if spec.get("type") == "ExternalName" or _unchanged_preference(spec, before):
        return []
    headless = spec.get("clusterIP") == NONE and not spec.get("selector")
    if spec.get("ipFamilyPolicy") is None:
        inherited = before.get("ipFamilyPolicy") if before is not None else None
        spec["ipFamilyPolicy"] = inherited or ("RequireDualStack" if headless else "SingleStack")
    errors = validate_cluster_ips(service, old)
    if errors:
        return errors
    if before is not None:
        _release(errors, spec, before)
    _validate_policy(errors, spec)
    _infer(errors, spec, families)
    if errors:
        return errors
    if headless:
        chosen: list[str] = spec.get("ipFamilies") or [families[0]]
        if len(chosen) < 2 and spec["ipFamilyPolicy"] != "SingleStack":
            chosen = [chosen[0], _OTHER[chosen[0]]]
        spec["ipFamilies"] = chosen
        return []
    if spec["ipFamilyPolicy"] == "RequireDualStack" and len(families) < 2:
        detail = "this cluster is not configured for dual-stack services"
        errors.append(field_errors.invalid("spec.ipFamilyPolicy", "RequireDualStack", detail))
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in families:
            where = f"spec.ipFamilies[{index}]"
            errors.append(field_errors.invalid(where, family, "not configured on this cluster"))
    if errors:
        return errors
    chosen = spec.get("ipFamilies") or [families[0]]
    if spec["ipFamilyPolicy"] != "SingleStack" and len(chosen) == 1 and len(families) == 2:
        chosen = [chosen[0], _OTHER[chosen[0]]]
    spec["ipFamilies"] = chosen
    return []


def _patch_node_ports(ports: Sequence[JSON], before: Sequence[JSON]) -> None:
    had = {port.get("name") or "": port.get("nodePort") or 0 for port in before}
    used = {port["nodePort"] for port in ports if port.get("nodePort")} & set(had.values())
    for port in ports:
        number = had.get(port.get("name") or "", 0)
        if not port.get("nodePort") and number and number not in used:
            port["nodePort"] = number
            used.add(number)


def _unchanged_preference(spec: JSON, before: JSON | None) -> bool:
    """A service that merely prefers two families stays as it is while nobody touches these fields."""
    if before is None or spec.get("ipFamilyPolicy") != "PreferDualStack" or before.get("type") == "ExternalName":
        return False
    return all(spec.get(name) == before.get(name) for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"))


def _release(errors: Errors, spec: JSON, before: JSON) -> None:
    """Let the second family go when the policy says so; when only the lists shrink, ask for the policy."""
    for name, what in (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")):
        now, then = spec.get(name) or [], before.get(name) or []
        if spec["ipFamilyPolicy"] == "SingleStack":
            if now == then and len(now) > 1:
                spec[name] = now[:1]
        elif now and now[0] == (then or [None])[0] and len(now) < len(then):
            detail = f"must be 'SingleStack' to release the secondary {what}"
            errors.append(field_errors.invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], detail))


def _validate_policy(errors: Errors, spec: JSON) -> None:
    if spec["ipFamilyPolicy"] != "SingleStack":
        return
    for name, what in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families")):
        if len(spec.get(name) or ()) == 2:
            detail = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified"
            errors.append(field_errors.invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], detail))


def _infer(errors: Errors, spec: JSON, families: Sequence[str]) -> None:
    """Add the families of addresses that come without one."""
    chosen: list[str] = list(spec.get("ipFamilies") or ())
    addresses: list[str] = spec.get("clusterIPs") or []
    for index, address in enumerate(addresses):
        if address == NONE:
            break
        family = "IPv6" if formats.is_ipv6(address) else "IPv4"
        if index < len(chosen):
            continue
        if family in families:
            chosen.append(family)
        else:
            detail = f"{family} is not configured on this cluster"
            errors.append(field_errors.invalid(f"spec.clusterIPs[{index}]", addresses, detail))
    if chosen:
        spec["ipFamilies"] = chosen
