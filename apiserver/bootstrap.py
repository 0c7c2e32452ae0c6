"""What must exist in every cluster, written at start through the server's own front door.

Objects that a user may have changed are only created when missing; those that tell where this server listens are
brought up to date. It must never delete anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import RESOURCES, Resource, find
from podwright.apiserver.config import ServerConfig
from podwright.client.tasks import TaskGroup
from podwright.client.transport import Request, Response, Transport

JSON = dict[str, Any]
NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
FRONT_PROXY = "front-proxy-client"
"""The common name of the certificate by which this server speaks for its users."""
_FLOWS = "flowcontrol.apiserver.k8s.io"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object; `replace` brings an existing one up to date, `status` is written once it is there.

    `change` makes of an existing one what it should be: None leaves it as it is.
    """

    resource: Resource
    obj: JSON
    namespace: str = ""
    replace: bool = False
    status: JSON | None = None
    change: Callable[[JSON, JSON], JSON | None] | None = None


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
    from podwright.apiserver.strategies.flowcontrol.mandatory import AUTO_UPDATE, LEVELS, SCHEMAS
    from podwright.apiserver.strategies.priorityclass import SYSTEM_CLASSES

    classes = find("priorityclasses", "scheduling.k8s.io")
    wanted = [
        Wanted(classes, {"metadata": {"name": name}, "value": value, "description": text})
        for name, (value, text) in SYSTEM_CLASSES.items()
    ]
    for plural, specs in (("prioritylevelconfigurations", LEVELS), ("flowschemas", SCHEMAS)):
        for name, spec in specs.items():
            metadata: JSON = {"name": name, "annotations": {AUTO_UPDATE: "true"}}
            wanted.append(Wanted(find(plural, _FLOWS), {"metadata": metadata, "spec": spec}))
    return wanted


_AGENT = (("user-agent", "kube-apiserver"),)  # the manager of what is written here, as clients know it


async def bootstrap(transport: Transport, wanted: list[Wanted]) -> None:
    """Write namespaces, then everything else at once. Raises ApiError when one is refused."""
    spaces = [Wanted(find("namespaces"), {"metadata": {"name": name}}) for name in NAMESPACES]
    for group in (spaces, wanted):
        async with TaskGroup() as tasks:
            for one in group:
                tasks.create_task(_ensure(transport, one))


async def _write_status(transport: Transport, path: str, status: JSON) -> Response:
    found = orjson.loads((await transport.request(Request("GET", path))).body)
    now = found["metadata"]["creationTimestamp"]
    conditions = [{"lastTransitionTime": now, **condition} for condition in status["conditions"]]
    body = orjson.dumps({**found, "status": {**status, "conditions": conditions}})
    return await transport.request(Request("PUT", path, (), _AGENT, body))


async def _ensure(transport: Transport, wanted: Wanted) -> None:
    resource, name = wanted.resource, wanted.obj["metadata"]["name"]
    path = resource.path(wanted.namespace or None)
    body = orjson.dumps({"kind": resource.kind, "apiVersion": resource.api_version, **wanted.obj})
    found = await transport.request(Request("GET", f"{path}/{name}", (), _AGENT))
    if found.status == 404:
        answer = await transport.request(Request("POST", path, (), _AGENT, body))
        if answer.status == 201 and wanted.status is not None:
            answer = await _write_status(transport, f"{path}/{name}/status", wanted.status)
    elif found.status == 200 and wanted.replace:
        answer = await transport.request(Request("PUT", f"{path}/{name}", (), _AGENT, body))
    elif found.status == 200 and wanted.change is not None:
        changed = wanted.change(orjson.loads(found.body), wanted.obj)
        answer = found
        if changed is not None:
            answer = await transport.request(Request("PUT", f"{path}/{name}", (), _AGENT, orjson.dumps(changed)))
    else:
        answer = found
    if answer.status >= 300 and answer.status != 409:  # 409: another server was faster
        raise ApiError.from_status(orjson.loads(answer.body))
