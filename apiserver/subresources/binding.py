"""pods/binding and bindings: the scheduler's write, which assigns a pod to a node once and for all."""

from __future__ import annotations

from typing import Any

import orjson

from podwright.api.errors import bad_request, conflict, invalid, not_supported, required
from podwright.api.resources import find
from podwright.api.times import format_time
from podwright.apiserver.options import write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.creating import match_namespace
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.updating import Change, change_object

JSON = dict[str, Any]
BINDING = find("bindings")
_SUCCESS = orjson.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})


async def bind(registry: Registry, call: Call) -> Result:
    """Handle POST of a Binding, below the pod or on the bindings collection. Raises ApiError."""
    options = write_options(call.query, "CreateOptions")
    binding = decode(BINDING, call.body, call.content_type, options.validation, call.warnings)
    metadata: JSON = binding["metadata"]
    match_namespace(metadata, call)
    if call.target.subresource:
        if metadata.get("name") and metadata["name"] != call.name:
            raise bad_request("name in URL does not match name in Binding object")
    else:
        call.target.name = metadata.get("name", "")
    _validate(binding)
    change = Change(lambda pod: _assign(pod, binding, call), "binding", raw=True)
    await change_object(registry, _for_pod(registry, call), change, options)
    return Result(_SUCCESS, 201)


def _for_pod(registry: Registry, call: Call) -> Call:
    call.endpoint = registry.endpoints["", "v1", "pods"]
    return call


def _validate(binding: JSON) -> None:
    target: JSON = binding.get("target") or {}
    errors = []
    if target.get("kind", "") not in {"", "Node"}:
        errors.append(not_supported("target.kind", target["kind"], ("Node", "<empty>")))
    if not target.get("name"):
        errors.append(required("target.name"))
    if errors:
        raise invalid("", "Binding", binding["metadata"].get("name", ""), errors)


def _assign(pod: JSON, binding: JSON, call: Call) -> JSON:
    metadata, spec, name = pod["metadata"], pod["spec"], call.name
    wanted = binding["metadata"]
    if wanted.get("uid") and wanted["uid"] != metadata["uid"]:
        why = f"Precondition failed: UID in precondition: {wanted['uid']}, UID in object meta: {metadata['uid']}"
        raise conflict("pods", name, why)
    if wanted.get("resourceVersion") and wanted["resourceVersion"] != metadata["resourceVersion"]:
        raise conflict("pods", name)
    if "deletionTimestamp" in metadata:
        raise conflict("pods/binding", name, f"pod {name} is being deleted, cannot be assigned to a host")
    if spec.get("nodeName"):
        raise conflict("pods/binding", name, f'pod {name} is already assigned to node "{spec["nodeName"]}"')
    if spec.get("schedulingGates"):
        raise conflict("pods/binding", name, f"pod {name} has non-empty .spec.schedulingGates")
    spec["nodeName"] = binding["target"]["name"]
    for key in ("labels", "annotations"):
        if wanted.get(key):
            metadata[key] = {**metadata.get(key, {}), **wanted[key]}
    conditions: list[JSON] = pod.setdefault("status", {}).setdefault("conditions", [])
    scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": format_time(call.now)}
    for i, condition in enumerate(conditions):
        if condition["type"] == "PodScheduled":
            if condition["status"] == "True":
                scheduled["lastTransitionTime"] = condition["lastTransitionTime"]
            conditions[i] = scheduled
            return pod
    conditions.append(scheduled)
    return pod
