"""Admission of connections: exec, attach, portforward and proxy, each as the options object that describes it.

Imported with the first connection. Whether a pod is there, and where, is asked later. What is changed in the object
changes nothing of the connection.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from podwright.api.errors import bad_request
from podwright.api.resources import Resource
from podwright.apiserver.admission.asking import ask_to_connect
from podwright.apiserver.admission.form import Form
from podwright.apiserver.options import Query
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User

JSON = dict[str, Any]
_KINDS: Final = {
    ("pods", "exec"): "PodExecOptions",
    ("pods", "attach"): "PodAttachOptions",
    ("pods", "portforward"): "PodPortForwardOptions",
    ("pods", "proxy"): "PodProxyOptions",
    ("services", "proxy"): "ServiceProxyOptions",
    ("nodes", "proxy"): "NodeProxyOptions",
}
_FLAGS: Final = ("stdin", "stdout", "stderr", "tty")


async def admit_connection(
    registry: Registry,
    endpoint: Endpoint,
    target: Target,
    query: Query,
    user: User,
    now: datetime,
    notes: dict[str, str],
) -> list[str]:
    """Ask whether a connection may be made; returns warnings. Raises ApiError.

    What is to be recorded of it goes into `notes`.
    """
    if query.has("dryRun"):
        raise bad_request("dryRun is not supported")
    kind = _KINDS[target.plural, target.subresource]
    form = Form(ClassCodec(Resource("", "v1", kind, kind.lower(), True, f"core.connecting:{kind}")))
    obj = {"kind": kind, "apiVersion": "v1", **_asked(target, query)}
    return await ask_to_connect(registry, endpoint, target, user, now, form, obj, notes)


def _asked(target: Target, query: Query) -> JSON:
    if target.subresource == "proxy":
        return {"path": f"/{target.rest}"}
    if target.subresource == "portforward":
        numbers = [int(text) for each in query.all("ports") for text in each.split(",") if text.isdigit()]
        return {"ports": numbers} if numbers else {}
    found: JSON = {name: True for name in _FLAGS if query.flag(name)}
    if query.get("container"):
        found["container"] = query.get("container")
    if target.subresource == "exec" and query.has("command"):
        found["command"] = query.all("command")
    return found
