"""Defaults of Services."""

from __future__ import annotations

from typing import Any, Final

from podwright.apiserver.strategies.service.fields import externally_accessible

JSON = dict[str, Any]

AFFINITY_SECONDS: Final = 10800


def default_service(service: JSON) -> None:
    """Fill in what a Service does not say; idempotent."""
    spec: JSON = service.get("spec") or {}
    service["spec"] = spec
    if not spec.get("sessionAffinity"):
        spec["sessionAffinity"] = "None"
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        client: JSON = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if client.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": AFFINITY_SECONDS}}
    if not spec.get("type"):
        spec["type"] = "ClusterIP"
    for port in spec.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
        if port.get("targetPort") in {None, 0, ""}:
            port["targetPort"] = port.get("port") or 0
    if externally_accessible(service) and not spec.get("externalTrafficPolicy"):
        spec["externalTrafficPolicy"] = "Cluster"
    if spec.get("internalTrafficPolicy") is None and spec["type"] in {"NodePort", "LoadBalancer", "ClusterIP"}:
        spec["internalTrafficPolicy"] = "Cluster"
    status: JSON = service.get("status") or {}
    service["status"] = status
    balancer: JSON = status.get("loadBalancer") or {}
    status["loadBalancer"] = balancer
    if spec["type"] == "LoadBalancer":
        if spec.get("allocateLoadBalancerNodePorts") is None:
            spec["allocateLoadBalancerNodePorts"] = True
        for ingress in balancer.get("ingress") or ():
            if ingress.get("ip") and ingress.get("ipMode") is None:
                ingress["ipMode"] = "VIP"
