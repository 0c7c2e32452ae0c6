"""PATCH: apply a patch to the present object, then go the way of an update.

The patch is parsed once and applied anew on every attempt. Server-side apply has a way of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from podwright.api.errors import bad_request, too_large, unsupported_patch_type
from podwright.api.model import Problem
from podwright.api.modeling.strict import Pairs, has_duplicates, parse_pairs
from podwright.api.patch import json_patch, merge_patch, strategic_merge
from podwright.api.patch.errors import PatchError
from podwright.api.schema import TypeSchema
from podwright.apiserver.options import write_options
from podwright.apiserver.registry.applying import APPLY_TYPE, apply
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode_patched, kind_of, load_any
from podwright.apiserver.registry.updating import Change, change_object, check_name

JSON = dict[str, Any]
MAX_OPERATIONS = 10_000
Apply = Callable[[JSON], JSON]
"""Returns the patched document; never changes its argument. Raises ApiError."""


async def patch(registry: Registry, call: Call) -> Result:
    """Handle a PATCH on an object or a subresource that shows the object itself. Raises ApiError."""
    if call.content_type == APPLY_TYPE:
        return await apply(registry, call)
    patched_by, problems = parse_patch(call, call.endpoint.schema)
    options = write_options(call.query, "PatchOptions")

    def compute(old: JSON) -> JSON:
        nonlocal problems
        patched = patched_by(old)
        obj = decode_patched(call.endpoint.codec, patched, problems, options.validation, call.warnings)
        problems = []  # reported once, also when the loop runs again
        check_name(obj["metadata"], call)
        return obj

    return await change_object(registry, call, Change(compute, call.target.subresource), options)


def parse_patch(call: Call, schema: TypeSchema) -> tuple[Apply, list[Problem]]:
    """Read a patch of any known type; also what is odd about its own text. Raises ApiError 400, 413, 415."""
    parser = _TYPES.get(call.content_type)
    if parser is None or (parser is _strategic and not call.endpoint.kind.has_class):
        raise unsupported_patch_type()
    return parser(call.body, schema)


def _load(body: bytes, prefix: str) -> Any:
    try:
        return load_any(body)
    except ValueError as error:
        raise bad_request(f"{prefix}{error}") from error


def _duplicates(body: bytes, loaded: Any) -> list[Problem]:
    if not has_duplicates(body, orjson.dumps(loaded)):
        return []
    return [Problem("duplicate", p, f'duplicate field "{p}"') for p in dict.fromkeys(_repeated(parse_pairs(body), ""))]


def _repeated(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Pairs):
        seen: set[str] = set()
        for key, child in value:
            where = f"{path}.{key}" if path else key
            if key in seen:
                yield where
            seen.add(key)
            yield from _repeated(child, where)
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from _repeated(child, f"{path}[{i}]")


def _json(body: bytes, _: TypeSchema) -> tuple[Apply, list[Problem]]:
    operations = _load(body, "error decoding patch: ")
    if not isinstance(operations, list):
        raise bad_request(f"error decoding patch: json: cannot unmarshal {_go(operations)} into a list of operations")
    if len(operations) > MAX_OPERATIONS:
        raise too_large(f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}")
    known = {"op", "path", "from", "value"}
    problems = [
        Problem("unknown", f"[{i}].{key}", f'json patch unknown field "[{i}].{key}"')
        for i, operation in enumerate(operations)
        if isinstance(operation, dict)
        for key in operation
        if key not in known
    ]
    return lambda document: _patched(json_patch.apply, document, operations), problems


def _merge(body: bytes, _: TypeSchema) -> tuple[Apply, list[Problem]]:
    change = _load(body, "error decoding patch: ")
    if change is None:
        raise bad_request("Invalid JSON Patch")
    if not isinstance(change, dict):
        raise bad_request(f"error decoding patch: json: cannot unmarshal {_go(change)} into a mapping")
    untouched = _leaves_records(change)
    return (
        lambda document: _patched(merge_patch.apply, _without_records(document) if untouched else document, change),
        _duplicates(body, change),
    )


def _strategic(body: bytes, schema: TypeSchema) -> tuple[Apply, list[Problem]]:
    change = _load(body, "")
    change = {} if change is None else change
    if not isinstance(change, dict):
        raise bad_request(f"json: cannot unmarshal {_go(change)} into a mapping")
    # A strategic merge cannot change what kind of object it is applied to.
    change = {k: v for k, v in change.items() if k not in {"kind", "apiVersion"}}
    apply = strategic_merge.apply
    untouched = _leaves_records(change)
    return (
        lambda document: _patched(
            lambda d, c: apply(d, c, schema), _without_records(document) if untouched else document, change
        ),
        _duplicates(body, change),
    )


def _leaves_records(change: JSON) -> bool:
    """Tell whether a patch leaves managedFields alone, which most do."""
    metadata = change.get("metadata", {})
    return isinstance(metadata, dict) and not any(key == "managedFields" or key.startswith("$") for key in metadata)


def _without_records(document: JSON) -> JSON:
    """A document as if the client had not sent its managedFields: they are as they were, and need no checking."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or "managedFields" not in metadata:
        return document
    return {**document, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}


def _patched(apply: Callable[[Any, Any], Any], document: JSON, change: Any) -> JSON:
    try:
        return apply(document, change)
    except PatchError as error:
        raise error.api_error() from error


def _go(value: Any) -> str:
    return "object" if isinstance(value, dict) else kind_of(value)


_TYPES: dict[str, Callable[[bytes, TypeSchema], tuple[Apply, list[Problem]]]] = {
    "application/json-patch+json": _json,
    "application/merge-patch+json": _merge,
    "application/strategic-merge-patch+json": _strategic,
}
