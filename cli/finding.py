"""From a workload (`deploy/web`, `svc/web`) to one of its pods, for logs and exec."""

from __future__ import annotations

from typing import Any

from podwright.api.resources import find
from podwright.cli.errors import CliError
from podwright.cli.naming import resolve
from podwright.cli.requests import call, namespace_of
from podwright.cli.session import Session

JSON = dict[str, Any]
POD = find("pods")


async def pod_of(session: Session, what: str) -> JSON:
    """The pod that "NAME", "pod/NAME" or "TYPE/NAME" means; of a workload the first running one. Raises CliError."""
    if "/" not in what:
        return await call(session, "GET", POD.path(session.namespace, what))
    target = (await resolve(session.transport, [what]))[0]
    resource, name = target.resource, target.names[0]
    obj = await call(session, "GET", resource.path(namespace_of(session, resource), name))
    if resource.kind == "Pod":
        return obj
    pods = await pods_of(session, obj, what)
    return next((p for p in pods if p.get("status", {}).get("phase") == "Running"), pods[0])


async def pods_of(session: Session, obj: JSON, what: str) -> list[JSON]:
    """The pods that an object's selector selects, by name. Raises CliError when there are none."""
    selector = (obj.get("spec") or {}).get("selector") or {}
    labels: dict[str, str] = selector.get("matchLabels", selector if obj["kind"] == "Service" else {})
    if not labels:
        msg = f"cannot find pods of {what}: it has no selector"
        raise CliError(msg)
    query = [("labelSelector", ",".join(f"{k}={v}" for k, v in labels.items()))]
    pods: list[JSON] = (await call(session, "GET", POD.path(session.namespace), query=query))["items"]
    if not pods:
        msg = f"{what} has no pods now; `pw describe {what}` tells why"
        raise CliError(msg)
    return sorted(pods, key=lambda p: p["metadata"]["name"])


def container_of(pod: JSON, given: str) -> str:
    """The container to use: the one given, the annotated default, or the first. Raises CliError that names them."""
    spec = pod["spec"]
    names = [c["name"] for key in ("containers", "initContainers", "ephemeralContainers") for c in spec.get(key) or ()]
    if given and given not in names:
        msg = f"container {given} not found in pod {pod['metadata']['name']}; it has {', '.join(names)}"
        raise CliError(msg)
    default = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    return given or (str(default) if default in names else names[0])
