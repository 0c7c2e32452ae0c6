"""What must exist in every cluster, written at start through the server's own front door.

Objects that a user may have changed are only created when missing; those that tell where this server listens are
brought up to date. It must never delete anything.
"""

from __future__ import annotations

from typing import Any

from podwright.api.resources import RESOURCES, find
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.ensuring import Wanted, ensure
from podwright.client.transport import Transport

JSON = dict[str, Any]
NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
FRONT_PROXY = "front-proxy-client"
"""The common name of the certificate by which this server speaks for its users."""


def wanted_objects(
    config: ServerConfig, port: int, first_ip: str, client_ca: str, front_proxy_ca: str = ""
) -> list[Wanted]:
    """The objects of a server that listens on `port`, namespaces left out; the CAs are those of clients' certificates,
    and of the one by which it speaks for them."""
    name = {"name": "kubernetes", "namespace": "default"}
    labels = {"component": "apiserver", "provider": "kubernetes"}
    service: JSON = {
        "metadata": {**name, "labels": labels},
        "spec": {
            "clusterIP": first_ip,
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}],
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
    }
    address = config.advertise_address
    slice_labels = {"kubernetes.io/service-name": "kubernetes"}
    endpoints: JSON = {
        "metadata": {**name, "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
        "subsets": [{"addresses": [{"ip": address}], "ports": [{"name": "https", "port": port, "protocol": "TCP"}]}],
    }
    endpoint_slice: JSON = {
        "metadata": {**name, "labels": slice_labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
    }
    wanted = [Wanted(find("services"), service, "default")]
    if address:
        wanted.append(Wanted(find("endpoints"), endpoints, "default", replace=True))
        wanted.append(Wanted(find("endpointslices", "discovery.k8s.io"), endpoint_slice, "default", replace=True))
    if client_ca:
        authentication: JSON = {
            "metadata": {"name": "extension-apiserver-authentication", "namespace": "kube-system"},
            "data": {"client-ca-file": client_ca, **(_front_proxy(front_proxy_ca) if front_proxy_ca else {})},
        }
        wanted.append(Wanted(find("configmaps"), authentication, "kube-system", replace=True))
    return [*wanted, _service_range(config.service_cidr), *_api_services(), *priorities()]


def _front_proxy(ca: str) -> JSON:
    """How other API servers know whom we speak for: by a certificate of this CA with this name, and these headers."""
    return {
        "requestheader-client-ca-file": ca,
        "requestheader-allowed-names": f'["{FRONT_PROXY}"]',
        "requestheader-username-headers": '["X-Remote-User"]',
        "requestheader-uid-headers": '["X-Remote-Uid"]',
        "requestheader-group-headers": '["X-Remote-Group"]',
        "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    }


def _service_range(cidr: str) -> Wanted:
    """The range that service addresses are taken from."""
    metadata: JSON = {"name": "kubernetes", "finalizers": ["networking.k8s.io/service-cidr-finalizer"]}
    ready: JSON = {"type": "Ready", "status": "True", "reason": "", "message": "Kubernetes Service CIDR is ready"}
    obj: JSON = {"metadata": metadata, "spec": {"cidrs": [cidr]}}
    return Wanted(find("servicecidrs", "networking.k8s.io"), obj, status={"conditions": [ready]})


def _api_services() -> list[Wanted]:
    """What this server serves itself."""
    from podwright.apiserver.api_services import local_services

    services = find("apiservices", "apiregistration.k8s.io")
    return [Wanted(services, obj) for obj in local_services(RESOURCES)]


def priorities() -> list[Wanted]:
    """The priorities of pods and of requests that clients count on."""
    from podwright.apiserver.fairness.keeping import flows
    from podwright.apiserver.strategies.priorityclass import SYSTEM_CLASSES

    classes = find("priorityclasses", "scheduling.k8s.io")
    found = [
        Wanted(classes, {"metadata": {"name": name}, "value": value, "description": text})
        for name, (value, text) in SYSTEM_CLASSES.items()
    ]
    return [*found, *flows()]


async def bootstrap(transport: Transport, wanted: list[Wanted]) -> None:
    """Write namespaces, then everything else at once. Raises ApiError when one is refused."""
    await ensure(transport, [Wanted(find("namespaces"), {"metadata": {"name": name}}) for name in NAMESPACES])
    await ensure(transport, wanted)
