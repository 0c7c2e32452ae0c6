"""namespaces/finalize: the only way to change spec.finalizers.

Taking the last one of a deleted namespace removes the namespace.
"""

from __future__ import annotations

from typing import Any

from podwright.apiserver.options import write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.updating import Change, change_object, check_name

JSON = dict[str, Any]


async def finalize(registry: Registry, call: Call) -> Result:
    """Handle PUT. Raises ApiError."""
    options = write_options(call.query, "UpdateOptions")
    wanted = decode(call.endpoint.codec, call.body, call.content_type, options.validation, call.warnings)
    check_name(wanted["metadata"], call)
    finalizers: list[str] = (wanted.get("spec") or {}).get("finalizers") or []

    def compute(namespace: JSON) -> JSON:
        for key in ("resourceVersion", "uid"):
            if wanted["metadata"].get(key):
                namespace["metadata"][key] = wanted["metadata"][key]
        spec: JSON = namespace.setdefault("spec", {})
        if finalizers:
            spec["finalizers"] = finalizers
        else:
            spec.pop("finalizers", None)
        return namespace

    return await change_object(registry, call, Change(compute, "finalize", strict_uid=True), options)
