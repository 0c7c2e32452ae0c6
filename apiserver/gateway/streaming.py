"""What an exec, attach or port-forward asks of a node, and the answers that come before any byte flows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podwright.api.errors import ApiError, bad_request
from podwright.apiserver.streams import ExecOptions
from podwright.proto.node.v1 import node_pb2 as pb

JSON = dict[str, Any]
_STATUS_FIELDS = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_PULLING = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}


def exec_options(pod: JSON, query: Sequence[tuple[str, str]]) -> ExecOptions:
    """Read the options of an exec or attach; without a container, the pod's default one is meant."""
    flags = {name: value in _TRUE for name, value in query if name in ("stdin", "stdout", "stderr", "tty")}
    named = next((value for name, value in query if name == "container" and value), "")
    return ExecOptions(
        container=named or default_container(pod),
        command=tuple(value for name, value in query if name == "command"),
        **flags,
    )


def default_container(pod: JSON) -> str:
    """Return the container that a request without one means."""
    noted = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    return noted or pod["spec"]["containers"][0]["name"]


def request_of(kind: str, options: Any) -> dict[str, Any]:
    """Return the SessionRequest's field for a stream. `options`: ExecOptions, or a port for portforward."""
    if kind == "portforward":
        return {"port_forward": pb.PortForward(port=int(options))}
    flags = {name: getattr(options, name) for name in ("stdin", "stdout", "stderr", "tty")}
    if kind == "attach":
        return {"attach": pb.Attach(container=options.container, **flags)}
    return {"exec": pb.Exec(container=options.container, command=options.command, **flags)}


def container_status(pod: JSON, name: str) -> Mapping[str, Any]:
    """Return a container's recorded status, {} when there is none."""
    status: Mapping[str, Any] = pod.get("status") or {}
    for field in _STATUS_FIELDS:
        for each in status.get(field) or ():
            if each["name"] == name:
                return each
    return {}


def check_running(pod: JSON, container: str, kind: str) -> None:
    """Refuse a stream to a container that does not run. Raises ApiError 404, whose message is for people."""
    if "running" in (container_status(pod, container).get("state") or {}):
        return
    meta = pod["metadata"]
    if kind == "attach":
        text = f"container {container} not found in pod {meta['name']}_{meta['namespace']}"
    else:
        text = f'container not found ("{container}")'
    raise ApiError(404, "NotFound", text)


def check_log(pod: JSON, container: str, *, previous: bool) -> None:
    """Refuse the log of a container that has none yet. Raises ApiError 400."""
    name = pod["metadata"]["name"]
    status = container_status(pod, container)
    state: Mapping[str, Any] = status.get("state") or {}
    last: Mapping[str, Any] = (status.get("lastState") or {}).get("terminated") or {}
    if previous:
        if not last.get("containerID"):
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        return
    if "running" in state or "terminated" in state or last:
        return
    reason = (state.get("waiting") or {}).get("reason") or "ContainerCreating"
    raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {_PULLING.get(reason, reason)}')
