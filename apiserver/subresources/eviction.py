"""pods/eviction: a delete that disruption budgets may refuse (the budgets come in with their kind)."""

from __future__ import annotations

from typing import Any

import orjson

from podwright.api.errors import bad_request, not_found
from podwright.api.resources import Resource
from podwright.apiserver.options import delete_options, write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.deleting import delete_item

JSON = dict[str, Any]
EVICTION = ClassCodec(Resource("policy", "v1", "Eviction", "evictions", True, "policy.eviction:Eviction"))
_SUCCESS = orjson.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})


async def evict(registry: Registry, call: Call) -> Result:
    """Handle POST. Raises ApiError."""
    options = write_options(call.query, "CreateOptions")
    eviction = decode(EVICTION, call.body, call.content_type, options.validation, call.warnings)
    name = eviction["metadata"].get("name")
    if name and name != call.name:
        raise bad_request(f"name in URL does not match name in Eviction object: {name} != {call.name}")
    item = call.endpoint.get(call.namespace, call.name)
    if item is None:
        raise not_found("pods", call.name)
    wanted: JSON = dict(eviction.get("deleteOptions") or {})
    if options.dry_run:
        wanted["dryRun"] = ["All"]
    await delete_item(registry, call, item, delete_options(call.query, wanted))
    return Result(_SUCCESS, 201)
