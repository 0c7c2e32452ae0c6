"""Answers as bytes: objects and lists joined from cached bytes, or turned into tables and metadata-only objects.

Only tables, metadata-only objects and YAML look inside an object; everything else is bytes in, bytes out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from podwright.apiserver.cache.item import Item
from podwright.apiserver.media import JSON_TYPE, PROTOBUF_TYPE, Format
from podwright.apiserver.pieces import joined
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.list_forms import list_form
from podwright.apiserver.registry.reading import Page
from podwright.client.transport import Content

JSON = dict[str, Any]
_TYPE = frozenset(("kind", "apiVersion"))
"""What the objects of a list do not tell each; those of kinds that clients defined do."""
_PARSED_AT_ONCE = 20
"""Objects of a list that are looked into before others get their turn."""
_TAKEN_AT_ONCE = 4000
"""Objects of a list whose bytes are found before others get their turn."""


def render_object(call: Call, body: bytes) -> bytes:
    """One object's JSON in the format the client wants."""
    fmt = call.format
    if fmt.cached:
        return body
    obj: JSON = orjson.loads(body)
    if fmt.shape == "table" and obj.get("kind") != "Status":
        obj = table(call, [obj])
    elif fmt.shape in {"partial", "partial-list"} and obj.get("kind") != "Status":
        obj = partial(obj, fmt)
    return to_bytes(obj, fmt)


def to_bytes(obj: JSON, fmt: Format) -> bytes:
    """Encode as JSON, YAML or protobuf. Raises ApiError 406 for what has no protobuf form."""
    if fmt.content_type == JSON_TYPE:
        return orjson.dumps(obj)
    if fmt.content_type == PROTOBUF_TYPE:
        from podwright.apiserver.protobuf_body import from_json

        return from_json(obj)
    from podwright.apiserver.yaml_answer import dump

    return dump(obj)


def partial(obj: JSON, fmt: Format) -> JSON:
    """The metadata of an object alone."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{fmt.version}",
        "metadata": obj.get("metadata") or {},
    }


def list_metadata(page: Page) -> JSON:
    """The ListMeta of a page."""
    metadata: JSON = {"resourceVersion": str(page.revision)}
    if page.token:
        metadata["continue"] = page.token
        if page.remaining is not None:
            metadata["remainingItemCount"] = page.remaining
    return metadata


async def render_list(call: Call, page: Page) -> Content:
    """A list in the format the client wants; others get their turn after every few objects of a long one."""
    fmt, endpoint = call.format, call.endpoint
    if fmt.cached:
        return await join_list(endpoint, page)
    first, *rest = [page.items[i : i + _PARSED_AT_ONCE] for i in range(0, len(page.items), _PARSED_AT_ONCE)] or [[]]
    shaped = _shaped(call, first, list_metadata(page))
    if not rest:
        return to_bytes(shaped, fmt)
    name = "rows" if fmt.shape == "table" else "items"
    objects = shaped.pop(name)
    form = list_form(fmt.content_type, shaped, name)
    texts = [form.some(objects)]
    for items in rest:
        await asyncio.sleep(0)
        texts.append(form.some(_shaped(call, items, {})[name]))
    head, tail = form.around(sum(map(len, texts)) + (len(texts) - 1) * len(form.between))
    return joined(head, texts, tail, between=form.between)


def _shaped(call: Call, items: Sequence[Item], metadata: JSON) -> JSON:
    """Some objects as a list, a table or a list of metadata."""
    fmt, endpoint = call.format, call.endpoint
    objects = [endpoint.object(item) for item in items]
    if fmt.shape == "table":
        return table(call, objects, metadata)
    if fmt.shape == "object":
        if endpoint.kind.has_class:
            objects = [{k: v for k, v in obj.items() if k not in _TYPE} for obj in objects]
        api_version = endpoint.resource.api_version
        return {"kind": endpoint.list_kind, "apiVersion": api_version, "metadata": metadata, "items": objects}
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": f"meta.k8s.io/{fmt.version}",
        "metadata": metadata,
        "items": [partial(obj, fmt) for obj in objects] or None,
    }


def render_objects(call: Call, objects: list[JSON], metadata: JSON) -> bytes:
    """A list of objects that no store holds, in the format the client wants."""
    fmt, resource = call.format, call.endpoint.resource
    if fmt.shape == "table":
        return to_bytes(table(call, objects, metadata), fmt)
    kind, api_version = f"{resource.kind}List", resource.api_version
    items: list[JSON] | None = objects
    if fmt.shape == "partial-list":
        kind, api_version = "PartialObjectMetadataList", f"meta.k8s.io/{fmt.version}"
        items = [partial(obj, fmt) for obj in objects] or None
    return to_bytes({"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}, fmt)


async def join_list(endpoint: Endpoint, page: Page) -> Content:
    """The list as JSON, made of the items' cached bytes."""
    head = endpoint.list_head + orjson.dumps(list_metadata(page))
    if not page.items:
        return head + b',"items":[]}'
    wires = await (_taken(page.items) if endpoint.direct else _converted(endpoint, page.items))
    return joined(head + b',"items":[{', wires, b"]}", between=b",{", skip=endpoint.item_offset)


async def _taken(items: Sequence[Item]) -> list[bytes]:
    """The bytes of objects: what they are now, however long writing them takes."""
    wires = [item.wire for item in items[:_TAKEN_AT_ONCE]]
    for i in range(_TAKEN_AT_ONCE, len(items), _TAKEN_AT_ONCE):
        await asyncio.sleep(0)
        wires += [item.wire for item in items[i : i + _TAKEN_AT_ONCE]]
    return wires


async def _converted(endpoint: Endpoint, items: Sequence[Item]) -> list[bytes]:
    """The bytes of objects that are stored in another form."""
    wires: list[bytes] = []
    for i in range(0, len(items), _PARSED_AT_ONCE):
        wires += [endpoint.wire(item) for item in items[i : i + _PARSED_AT_ONCE]]
        await asyncio.sleep(0)
    return wires


def table(
    call: Call,
    objects: list[JSON],
    metadata: JSON | None = None,
    *,
    headers: bool = True,
    now: datetime | None = None,
) -> JSON:
    """A server-side table of objects; without `metadata` that of the only object. `now` is for what comes later."""
    from podwright.apiserver.printing.tables import table_for

    return table_for(
        call.endpoint.resource,
        objects,
        printer=call.endpoint.kind.printer,
        include_object=call.query.get("includeObject") or "Metadata",
        list_meta=metadata,
        now=now or call.now,
        headers=headers,
        version=call.format.version,
    )
