"""ComponentStatus: how the parts of the control plane are, as far as this server knows.

The store is asked; the others are known to work by their having asked this server for something. It must never claim
more than that.
"""

from __future__ import annotations

from typing import Any

import orjson

from podwright.api.errors import bad_request, not_found
from podwright.api.fields import FieldSelector, FieldSelectorError
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.options import list_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.rendering import render_objects
from podwright.store.protocol import StoreError

JSON = dict[str, Any]
_STORE = "etcd-0"  # what clients look for, whichever store it is
_PARTS = {"scheduler": "system:kube-scheduler", "controller-manager": "system:kube-controller-manager"}


async def get(registry: Registry, call: Call) -> Result:
    """Handle GET of one part. Raises ApiError 404."""
    for part in await _all(registry):
        if part["metadata"]["name"] == call.name:
            return Result(orjson.dumps({"kind": "ComponentStatus", "apiVersion": "v1", **part}))
    raise not_found("componentstatus", call.name)


async def list_all(registry: Registry, call: Call) -> Result:
    """Handle GET of all parts. Raises ApiError 400."""
    options = list_options(call.query, watch=False)
    try:
        labels, fields = Selector.parse(options.labels), FieldSelector.parse(options.fields)
    except (SelectorError, FieldSelectorError) as error:
        raise bad_request(str(error)) from error
    found = [
        part
        for part in await _all(registry)
        if labels.matches({}) and fields.matches({"metadata.name": part["metadata"]["name"]})
    ]
    return Result(render_objects(call, found, {}))


async def _all(registry: Registry) -> list[JSON]:
    return [await _store(registry), *(_part(registry, name, user) for name, user in _PARTS.items())]


async def _store(registry: Registry) -> JSON:
    try:
        await registry.store.current_revision()
    except StoreError as error:
        return _status(_STORE, "False", error=str(error))
    return _status(_STORE, "True", message="ok")


def _part(registry: Registry, name: str, user: str) -> JSON:
    if user in registry.heard_of:
        return _status(name, "True", message="ok")
    return _status(name, "Unknown", message="it has asked this server for nothing yet")


def _status(name: str, healthy: str, *, message: str = "", error: str = "") -> JSON:
    condition = {"type": "Healthy", "status": healthy}
    condition |= {"message": message} if message else {}
    condition |= {"error": error} if error else {}
    return {"metadata": {"name": name}, "conditions": [condition]}
