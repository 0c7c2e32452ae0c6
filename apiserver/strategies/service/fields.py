"""Which fields a Service of some type has: the questions that defaulting, allocation and validation all ask."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

NONE = "None"
"""The clusterIP of a headless service."""


def service_type(service: JSON) -> str:
    """Return the type; an empty one counts as ClusterIP."""
    return (service.get("spec") or {}).get("type") or "ClusterIP"


def needs_cluster_ip(service: JSON) -> bool:
    """Tell whether the type has a cluster IP ("None" counts as one)."""
    return service_type(service) in {"ClusterIP", "NodePort", "LoadBalancer"}


def needs_node_port(service: JSON) -> bool:
    """Tell whether every port gets a node port."""
    kind = service_type(service)
    if kind == "LoadBalancer":
        return (service.get("spec") or {}).get("allocateLoadBalancerNodePorts") is not False
    return kind == "NodePort"


def needs_health_check(service: JSON) -> bool:
    """Tell whether the service gets a health-check node port."""
    spec: JSON = service.get("spec") or {}
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def externally_accessible(service: JSON) -> bool:
    """Tell whether traffic may come from outside the cluster."""
    kind = service_type(service)
    if kind in {"NodePort", "LoadBalancer"}:
        return True
    return kind == "ClusterIP" and bool((service.get("spec") or {}).get("externalIPs"))


def is_headless(service: JSON) -> bool:
    """Tell whether the service has no address of its own by wish."""
    return (service.get("spec") or {}).get("clusterIPs") == [NONE]
