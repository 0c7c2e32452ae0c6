"""The rules of Services, as the registry sees them.

The IP families are settled here; addresses and ports that nobody chose are drawn by the registry afterwards, so
validation must not ask for them.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.selectable import path_getters
from podwright.apiserver.strategies.service import validate
from podwright.apiserver.strategies.service.defaults import default_service
from podwright.apiserver.strategies.service.families import init_families, normalize_cluster_ips, patch_allocated
from podwright.apiserver.strategies.service.fields import (
    NONE,
    externally_accessible,
    needs_cluster_ip,
    needs_health_check,
    needs_node_port,
    service_type,
)
from podwright.apiserver.strategies.spellings import cidr_warnings, ip_warnings
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_HINTS = "service.kubernetes.io/topology-aware-hints"
_MODE = "service.kubernetes.io/topology-mode"
_PREFER_CLOSE = 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'
_EXTERNAL_IPS = "spec.externalIPs is deprecated and may no longer be implemented in some clusters"


class ServiceStrategy(Strategy):
    """Services; DELETE answers the object."""

    allow_create_on_update: ClassVar[bool] = True
    returns_object_on_delete: ClassVar[bool] = True
    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = path_getters("spec.clusterIP", "spec.type")

    def default(self, obj: JSON) -> None:
        """Fill in what the service does not say."""
        default_service(obj)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status; make both spellings of the cluster IP agree."""
        obj["status"] = {"loadBalancer": {}}
        normalize_cluster_ips(obj, None)
        init_families(obj, None)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and what was allocated; drop what the new type has no use for."""
        keep(obj, old, "status")
        patch_allocated(obj, old)
        normalize_cluster_ips(obj, old)
        drop_unused_fields(obj, old)
        init_families(obj, old)

    def validate_name(self, name: str) -> list[str]:
        """A service's name is a part of host names: one label."""
        return formats.label_problems(name)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new service; impossible families are all that is said when there are some."""
        return init_families(obj, None) or validate.validate_service(obj, None)

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed service."""
        wrong_families = init_families(obj, old)
        if wrong_families:
            return wrong_families
        repeated = meta.repeated_on_update(obj, old, name_rule=formats.label_problems)
        return [*repeated, *validate.validate_service_change(obj, old)]

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return validate.validate_status(obj, old)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return what the service says in vain, in odd spellings or as nobody should any more."""
        if ctx.subresource:
            return []
        spec: JSON = obj.get("spec") or {}
        found: list[str] = []
        if _HINTS in (obj["metadata"].get("annotations") or {}):
            found.append(f"annotation {_HINTS} is deprecated, please use {_MODE} instead")
        kind, outside = service_type(obj), spec.get("externalIPs")
        if kind != "ExternalName" and spec.get("clusterIP") not in {None, "", NONE}:
            found += _spelled(spec, "clusterIPs", ip_warnings)
        headless = kind == "ClusterIP" and spec.get("clusterIP") == NONE
        in_vain = (
            (headless and spec.get("loadBalancerIP"), "spec.loadBalancerIP is ignored for headless services"),
            (headless and outside, "spec.externalIPs is ignored for headless services"),
            (
                headless and spec.get("sessionAffinity") not in {None, "None"},
                "spec.SessionAffinity is ignored for headless services",
            ),
        )
        found += [text for wrong, text in in_vain if wrong]
        found += _spelled(spec, "externalIPs", ip_warnings)
        if outside and not headless and kind != "ExternalName":
            found.append(_EXTERNAL_IPS)
        found += ip_warnings("spec.loadBalancerIP", spec.get("loadBalancerIP") or "")
        found += _spelled(spec, "loadBalancerSourceRanges", cidr_warnings)
        rest = (
            (
                kind == "ExternalName" and outside,
                'spec.externalIPs is ignored when spec.type is "ExternalName"',
            ),
            (
                kind != "ExternalName" and spec.get("externalName"),
                'spec.externalName is ignored when spec.type is not "ExternalName"',
            ),
            (spec.get("trafficDistribution") == "PreferClose", _PREFER_CLOSE),
        )
        return found + [text for wrong, text in rest if wrong]


def _spelled(spec: JSON, name: str, check: Callable[[str, str], list[str]]) -> list[str]:
    values: list[str] = spec.get(name) or []
    return [text for index, value in enumerate(values) for text in check(f"spec.{name}[{index}]", value)]


def drop_unused_fields(service: JSON, old: JSON) -> None:
    """Drop fields that the old type needed, the new one does not, and the writer left as they were."""
    spec: JSON = service["spec"]
    before: JSON = old.get("spec") or {}
    if needs_cluster_ip(old) and not needs_cluster_ip(service):
        if (spec.get("clusterIP"), spec.get("clusterIPs")) == (before.get("clusterIP"), before.get("clusterIPs")):
            spec.pop("clusterIP", None)
            spec.pop("clusterIPs", None)
        _drop_same(spec, before, "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")
    if needs_node_port(old) and not needs_node_port(service) and _node_ports(spec) == _node_ports(before):
        for port in spec.get("ports") or ():
            port.pop("nodePort", None)
    if needs_health_check(old) and not needs_health_check(service):
        _drop_same(spec, before, "healthCheckNodePort")
    if service_type(old) == "LoadBalancer" and service_type(service) != "LoadBalancer":
        _drop_same(spec, before, "allocateLoadBalancerNodePorts", "loadBalancerClass")
        service["status"] = {**(service.get("status") or {}), "loadBalancer": {}}
    if externally_accessible(old) and not externally_accessible(service):
        _drop_same(spec, before, "externalTrafficPolicy")


def _drop_same(spec: JSON, before: JSON, *names_of_fields: str) -> None:
    for name in names_of_fields:
        if spec.get(name) == before.get(name):
            spec.pop(name, None)


def _node_ports(spec: JSON) -> list[int]:
    return [port.get("nodePort") or 0 for port in spec.get("ports") or ()]
