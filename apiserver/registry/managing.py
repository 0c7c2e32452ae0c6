"""metadata.managedFields of every write: from a request to the writer's name, and to the records after it.

The rules are `api/apply`'s; here is what they need of a request. It must never change an object, and never refuse a
write that is no apply: records that cannot be kept up are left as they were.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from podwright.api.apply.creating import new_fields
from podwright.api.apply.entries import (
    UPDATE,
    BadEntries,
    Entry,
    Writer,
    decode,
    encode,
    is_reset,
    read,
    same_but_times,
)
from podwright.api.apply.masks import NOTHING_HIDDEN, Mask
from podwright.api.apply.owning import updated
from podwright.api.apply.shapes import BadItem, shape_of
from podwright.api.managers import MANAGER_MAX
from podwright.api.times import format_time
from podwright.apiserver.options import WriteOptions
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import Codec
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.versions import ServedVersions

log = logging.getLogger(__name__)
JSON = dict[str, Any]
Owners = Callable[[Registry, Call, JSON, JSON, Any, WriteOptions], list[JSON]]
"""(registry, call, old, new, managedFields as the request gave them, options) -> managedFields of the new object."""
_NOBODY = "unknown"


def manager_of(call: Call, options: WriteOptions) -> str:
    """The name of who writes: as the request says, else the program's name from its User-Agent."""
    if options.manager:
        return options.manager
    name = call.agent.partition("/")[0]
    if not name.isprintable():
        name = "".join(char for char in name if char.isprintable())
    while len(name.encode()) > MANAGER_MAX:
        name = name[: min(MANAGER_MAX, len(name) - 1)]
    return name or _NOBODY


def writer_of(call: Call, options: WriteOptions, operation: str) -> Writer:
    """Who writes through this call."""
    resource = call.endpoint.resource
    return Writer(manager_of(call, options), operation, resource.api_version, call.target.subresource)


def mask_of(call: Call) -> Mask:
    """What one who writes through this call can own."""
    if not call.target.subresource and "status" not in call.endpoint.resource.subresources:
        return NOTHING_HIDDEN  # without a way of its own the status is written like anything else
    return call.endpoint.strategy.masks.get(call.target.subresource, NOTHING_HIDDEN)


def of_question(call: Call, codec: Codec, obj: JSON, options: WriteOptions) -> list[JSON]:
    """The records of what is answered and not stored, such as reviews: all was given by whoever asks."""
    fields = new_fields(shape_of(codec.schema), codec.prune({}), obj)
    writer = Writer(manager_of(call, options), UPDATE, codec.resource.api_version, call.target.subresource)
    return [Entry(writer, format_time(call.now), fields, tidy=fields).encode()] if fields else []


def after_create(registry: Registry, call: Call, obj: JSON, given: Any, options: WriteOptions) -> list[JSON]:
    """The records of a new object: the creator owns all that was given or filled in by default."""
    now = format_time(call.now)
    try:
        if given:
            entries = _given(given, None)
            writer = writer_of(call, options, UPDATE)
            blank = call.endpoint.blank
            versions = ServedVersions(registry.endpoints, call.endpoint)
            return encode(updated(entries, writer, versions, blank, obj, mask=mask_of(call), now=now))
        fields = mask_of(call)(new_fields(call.endpoint.shape, call.endpoint.blank, obj))
        return [Entry(writer_of(call, options, UPDATE), now, fields, tidy=fields).encode()] if fields else []
    except BadItem as error:
        log.warning("Cannot tell who owns the fields of a new %s: %s", call.endpoint.resource.kind, error)
        return []


def after_update(registry: Registry, call: Call, old: JSON, obj: JSON, given: Any, options: WriteOptions) -> list[JSON]:
    """The records of an object that was written as a whole (by PUT, or a patch that is no apply)."""
    before: list[JSON] = old["metadata"].get("managedFields") or []
    if call.target.subresource:
        given = None
    if given is not None and is_reset(given):
        return []
    entries = read(before) if not given or given == before else _given(given, before)
    if not entries:
        return []  # nobody keeps records of this object, and an update does not begin to
    writer = writer_of(call, options, UPDATE)
    versions = ServedVersions(registry.endpoints, call.endpoint)
    try:
        after = updated(entries, writer, versions, old, obj, mask=mask_of(call), now=format_time(call.now))
    except BadItem as error:
        log.warning("Cannot tell who owns the fields of %s %s: %s", call.endpoint.resource.kind, call.name, error)
        return before
    return encode(after)


def after_part(registry: Registry, endpoint: Endpoint, old: JSON, obj: JSON, part: str, manager: str) -> list[JSON]:
    """The records of an object of which one of the server's own tasks wrote a part, such as its status."""
    before: list[JSON] = old["metadata"].get("managedFields") or []
    if not before:
        return []
    writer = Writer(manager, UPDATE, endpoint.resource.api_version, part)
    versions, mask = ServedVersions(registry.endpoints, endpoint), endpoint.strategy.masks.get(part, NOTHING_HIDDEN)
    try:
        now = format_time(registry.clock())
        return encode(updated(read(before), writer, versions, old, obj, mask=mask, now=now))
    except BadItem as error:
        log.warning("Cannot tell who owns the fields of a %s: %s", endpoint.resource.kind, error)
        return before


def _given(given: list[JSON], before: list[JSON] | None) -> list[Entry]:
    """The records a client sent, or those of the object if they are none."""
    try:
        return decode(given) or read(before or [])
    except BadEntries:
        return read(before or [])


def same_owners(owners: Sequence[JSON], old: JSON) -> bool:
    """Tell whether the records of a write say what those of the old object do, times apart."""
    before = old["metadata"].get("managedFields")
    return owners == before or same_but_times(owners, before)
