"""pods/ephemeralcontainers and pods/resize: windows onto a pod that let just one part of its spec through.

The body is a whole pod; everything but the subresource's own part is put back before the kind's rules run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podwright.apiserver.options import write_options
from podwright.apiserver.registry.applying import APPLY_TYPE, application_of
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.patching import patcher_of
from podwright.apiserver.registry.updating import Change, change_object, check_name

JSON = dict[str, Any]


def _ephemeral(pod: JSON, wanted: JSON) -> None:
    containers = wanted["spec"].get("ephemeralContainers")
    if containers:
        pod["spec"]["ephemeralContainers"] = containers
    else:
        pod["spec"].pop("ephemeralContainers", None)


def _resources(pod: JSON, wanted: JSON) -> None:
    for field in ("containers", "initContainers"):
        by_name = {c.get("name"): c for c in wanted["spec"].get(field) or ()}
        for container in pod["spec"].get(field) or ():
            other = by_name.get(container["name"])
            if other is not None:
                container["resources"] = other.get("resources") or {}
                if other.get("resizePolicy"):
                    container["resizePolicy"] = other["resizePolicy"]


_PARTS: dict[str, Callable[[JSON, JSON], None]] = {"ephemeralcontainers": _ephemeral, "resize": _resources}


def _merge(call: Call, pod: JSON, wanted: JSON) -> JSON:
    """Take the subresource's part of `wanted` into (a copy of) the present pod."""
    for key in ("resourceVersion", "uid"):
        if wanted["metadata"].get(key):
            pod["metadata"][key] = wanted["metadata"][key]
    if isinstance(wanted.get("spec"), dict):
        _PARTS[call.target.subresource](pod, wanted)
    return pod


async def put(registry: Registry, call: Call) -> Result:
    """Handle PUT. Raises ApiError."""
    options = write_options(call.query, "UpdateOptions")
    wanted = decode(call.endpoint.codec, call.body, call.content_type, options.validation, call.warnings)
    check_name(wanted["metadata"], call)
    change = Change(lambda pod: _merge(call, pod, wanted), call.target.subresource, strict_uid=True)
    return await change_object(registry, call, change, options)


async def patch(registry: Registry, call: Call) -> Result:
    """Handle PATCH. Raises ApiError."""
    if call.content_type == APPLY_TYPE:
        return await _apply(registry, call)
    patcher = patcher_of(call, call.endpoint.codec)
    change = Change(lambda pod: _merge(call, pod, patcher(pod)), call.target.subresource)
    return await change_object(registry, call, change, patcher.options)


async def _apply(registry: Registry, call: Call) -> Result:
    application = application_of(registry, call)

    def compute(pod: JSON) -> JSON:
        return _merge(call, pod, application.compute(pod))

    change = Change(compute, call.target.subresource, owners=application.owners)
    return await change_object(registry, call, change, application.options)
