"""PATCH: apply a patch to the present object, then go the way of an update.

The patch is read once and applied anew on every attempt. Server-side apply has a way of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podwright.api.errors import ApiError, unsupported_media_type, unsupported_patch_type
from podwright.api.schema import TypeSchema
from podwright.apiserver.options import WriteOptions, write_options
from podwright.apiserver.registry.applying import APPLY_TYPE, apply
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import Codec, decode_patched, patch_refused
from podwright.apiserver.registry.patch_forms import Form, json_form, merge_form, strategic_form
from podwright.apiserver.registry.updating import Change, change_object, check_name

JSON = dict[str, Any]


async def patch(registry: Registry, call: Call) -> Result:
    """Handle a PATCH on an object or a subresource that shows the object itself. Raises ApiError."""
    if call.content_type == APPLY_TYPE:
        return await apply(registry, call)
    patcher = patcher_of(call, call.endpoint.codec, tidy=call.endpoint.kind.has_class)
    return await change_object(registry, call, Change(patcher, call.target.subresource), patcher.options)


class Patcher:
    """Makes the patched object of a state of it, as often as needed; what it has to report it reports once.

    With `tidy` the states are checked and pruned already, and what the patch leaves alone is not looked at again.
    """

    def __init__(self, call: Call, codec: Codec, form: Form, options: WriteOptions, *, tidy: bool) -> None:
        self._call = call
        self._codec = codec
        self._form = form
        self._problems = form.problems
        self._tidy = tidy
        self.options = options

    def __call__(self, before: JSON) -> JSON:
        """Return the patched object, checked and pruned. Raises ApiError."""
        problems, self._problems = self._problems, []
        patched = self._form.apply(before)

        def refuse(_: JSON, why: str, typed: bool) -> ApiError:
            if typed:
                why = self._form.type_problem(patched, why)
            return patch_refused(self._form.shown(self._codec.shown(before), patched), why)

        warnings = self._call.warnings
        records, plain = _apart(patched, before)
        same_type = plain.get("kind") == before.get("kind") and plain.get("apiVersion") == before.get("apiVersion")
        kept = _left_alone(plain, before) if self._tidy and same_type else {}
        rest = {name: value for name, value in plain.items() if name not in kept} if kept else plain
        obj = decode_patched(self._codec, rest, problems, self.options.validation, warnings, refuse)
        if kept:
            obj |= kept
            obj = {name: obj[name] for name in self._codec.schema.fields if name in obj}
        if records is not None:
            obj["metadata"]["managedFields"] = records
        check_name(obj["metadata"], self._call)
        return obj


def _apart(patched: JSON, before: JSON) -> tuple[Any, JSON]:
    """The managedFields that a patch left as they were, which need no checking, and the object without them."""
    metadata: Any = patched.get("metadata")
    records = metadata.get("managedFields") if isinstance(metadata, dict) else None
    if records is None or records != before["metadata"].get("managedFields"):
        return None, patched
    return records, {**patched, "metadata": {name: v for name, v in metadata.items() if name != "managedFields"}}


def _left_alone(patched: JSON, before: JSON) -> JSON:
    """The parts that a patch did not touch: they are the very mappings they were, not just equal (1 equals true)."""
    return {
        name: value
        for name, value in patched.items()
        if name != "metadata" and isinstance(value, dict) and value is before.get(name)
    }


def patcher_of(call: Call, codec: Codec, *, tidy: bool = False) -> Patcher:
    """Read a patch of any type but apply's, of what `codec` describes; `tidy` is `Patcher`'s.

    Raises ApiError 400, 413, 415, 422.
    """
    read = _TYPES.get(call.content_type)
    if not call.endpoint.kind.has_class and call.content_type not in _WITHOUT_CLASS:
        raise unsupported_media_type((*_WITHOUT_CLASS, APPLY_TYPE))
    if read is None:
        raise unsupported_patch_type()
    form = read(call.body, codec.schema)
    return Patcher(call, codec, form, write_options(call.query, "PatchOptions"), tidy=tidy)


_TYPES: dict[str, Callable[[bytes, TypeSchema], Form]] = {
    "application/json-patch+json": json_form,
    "application/merge-patch+json": merge_form,
    "application/strategic-merge-patch+json": strategic_form,
}
_WITHOUT_CLASS = ("application/json-patch+json", "application/merge-patch+json")  # a strategy needs a class to read
