"""The pod's own fields as text, for variables and for downward files: `metadata.labels['x']`, `limits.cpu`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.spec import Pod, find
from podwright.api import quantity

_SUBSCRIPT = re.compile(r"(metadata\.(?:labels|annotations))\['(.*)'\]")
_BYTES = ("memory", "ephemeral-storage")


class FieldError(ValueError):
    """The pod has no such field, or it cannot be used here."""


@dataclass(frozen=True, slots=True)
class NodeAmounts:
    """What the node has to give: stands in for limits that a container does not set."""

    allocatable: Mapping[str, str]


def field_value(pod: Pod, path: str, *, ips: tuple[str, ...] = (), host_ips: tuple[str, ...] = ()) -> str:
    """Return the text of a field. Raises FieldError."""
    meta = pod["metadata"]
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript:
        values = meta.get(subscript.group(1).partition(".")[2]) or {}
        return str(values.get(subscript.group(2), ""))
    if path in ("metadata.labels", "metadata.annotations"):
        values = meta.get(path.partition(".")[2]) or {}
        return "\n".join(f"{key}={_quoted(values[key])}" for key in sorted(values))
    simple = {
        "metadata.name": meta["name"],
        "metadata.namespace": meta.get("namespace", ""),
        "metadata.uid": meta["uid"],
        "spec.nodeName": pod["spec"].get("nodeName", ""),
        "spec.serviceAccountName": pod["spec"].get("serviceAccountName", ""),
        "status.hostIP": host_ips[0] if host_ips else "",
        "status.hostIPs": ",".join(host_ips),
        "status.podIP": ips[0] if ips else "",
        "status.podIPs": ",".join(ips),
    }
    if path not in simple:
        msg = f"unsupported fieldPath: {path}"
        raise FieldError(msg)
    return str(simple[path])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def resource_value(pod: Pod, container: Mapping[str, Any], ref: Mapping[str, Any], node: NodeAmounts) -> str:
    """Return a request or limit in units of the divisor, rounded up. Raises FieldError, QuantityError."""
    name = ref.get("containerName")
    if name and name != container.get("name"):
        other = find(pod, name)
        if other is None:
            msg = f"container {name} not found"
            raise FieldError(msg)
        container = other.spec
    kind, _, resource = ref["resource"].partition(".")
    amounts: Mapping[str, Any] = (container.get("resources") or {}).get(kind) or {}
    amount = amounts.get(resource)
    if amount is None and kind == "limits":
        amount = node.allocatable.get(resource)
    if kind not in ("limits", "requests") or not resource:
        msg = f"unsupported container resource: {ref['resource']}"
        raise FieldError(msg)
    divisor = ref.get("divisor")
    divisor = "1" if divisor in (None, "", "0", 0) else divisor
    top, bottom = quantity.parse(amount or 0).nanos, quantity.parse(divisor).nanos
    return str(-(-top // bottom))
