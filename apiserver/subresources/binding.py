"""pods/binding and bindings: the scheduler's write, which assigns a pod to a node once and for all."""

from __future__ import annotations

from typing import Any

import orjson

from podwright.api.errors import bad_request, invalid
from podwright.api.resources import find
from podwright.apiserver.admission.asking import ask
from podwright.apiserver.admission.form import Form
from podwright.apiserver.options import write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.creating import match_namespace
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.updating import Change, change_object
from podwright.apiserver.strategies.pod import binding as strategy

JSON = dict[str, Any]
BINDING = ClassCodec(find("bindings"))
_FORM = Form(BINDING)
_SUCCESS = orjson.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})


async def bind(registry: Registry, call: Call) -> Result:
    """Handle POST of a Binding, below the pod or on the bindings collection. Raises ApiError."""
    options = write_options(call.query, "CreateOptions")
    binding = decode(BINDING, call.body, call.content_type, options.validation, call.warnings)
    metadata: JSON = binding["metadata"]
    match_namespace(metadata, call)
    if call.target.subresource:
        if metadata.get("name") != call.name:
            raise bad_request("name in URL does not match name in Binding object")
    else:
        call.target.name = metadata.get("name") or ""
        if not call.target.name:
            raise bad_request("Name parameter required.")
    problems = strategy.validate_binding(binding)
    if problems:
        raise invalid("", "Binding", call.name, problems)
    await ask(registry, call, _FORM, binding, options)
    change = Change(lambda pod: strategy.bind(pod, binding, call.now), "binding", pure=True, raw=True)
    await change_object(registry, _for_pod(registry, call), change, options)
    return Result(_SUCCESS, 201)


def _for_pod(registry: Registry, call: Call) -> Call:
    call.endpoint = registry.endpoints["", "v1", "pods"]
    return call
