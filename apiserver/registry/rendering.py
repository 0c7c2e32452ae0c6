"""Answers as bytes: objects and lists joined from cached bytes, or turned into tables and metadata-only objects.

Only tables, metadata-only objects and YAML look inside an object; everything else is bytes in, bytes out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from podwright.apiserver.media import Format
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.reading import Page

JSON = dict[str, Any]


def render_object(call: Call, body: bytes) -> bytes:
    """One object's JSON in the format the client wants."""
    fmt = call.format
    if fmt.shape == "object" and not fmt.yaml:
        return body
    obj: JSON = orjson.loads(body)
    if fmt.shape == "table" and obj.get("kind") != "Status":
        obj = table(call, [obj])
    elif fmt.shape in {"partial", "partial-list"} and obj.get("kind") != "Status":
        obj = partial(obj, fmt)
    return to_bytes(obj, fmt)


def to_bytes(obj: JSON, fmt: Format) -> bytes:
    """Encode as JSON or YAML."""
    if not fmt.yaml:
        return orjson.dumps(obj)
    import yaml

    return yaml.safe_dump(obj, default_flow_style=False, allow_unicode=True).encode()


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


def render_list(call: Call, page: Page) -> bytes:
    """A list in the format the client wants."""
    fmt, endpoint = call.format, call.endpoint
    if fmt.shape == "object" and not fmt.yaml:
        return join_list(endpoint, page)
    if fmt.shape == "table":
        objects = [endpoint.object(item) for item in page.items]
        return to_bytes(table(call, objects, list_metadata(page)), fmt)
    if fmt.shape == "partial-list":
        items = [partial(endpoint.object(item), fmt) for item in page.items]
        api_version = f"meta.k8s.io/{fmt.version}"
        whole = {"kind": "PartialObjectMetadataList", "apiVersion": api_version, "metadata": list_metadata(page)}
        return to_bytes({**whole, "items": items}, fmt)
    return to_bytes(orjson.loads(join_list(endpoint, page)), fmt)


def render_objects(call: Call, objects: list[JSON], metadata: JSON) -> bytes:
    """A list of objects that no store holds, in the format the client wants."""
    fmt, resource = call.format, call.endpoint.resource
    if fmt.shape == "table":
        return to_bytes(table(call, objects, metadata), fmt)
    kind, api_version, items = f"{resource.kind}List", resource.api_version, objects
    if fmt.shape == "partial-list":
        kind, api_version = "PartialObjectMetadataList", f"meta.k8s.io/{fmt.version}"
        items = [partial(obj, fmt) for obj in objects]
    return to_bytes({"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}, fmt)


def join_list(endpoint: Endpoint, page: Page) -> bytes:
    """The list as JSON, made of the items' cached bytes."""
    head = endpoint.list_head + orjson.dumps(list_metadata(page))
    if not page.items:
        return head + b',"items":[]}'
    # One join, one copy: a big list is megabytes.
    offset = endpoint.item_offset
    wires = [i.wire for i in page.items] if endpoint.view is None else [endpoint.wire(i) for i in page.items]
    parts = [memoryview(wire)[offset:] for wire in wires]
    first = b'%b,"items":[{%b' % (head, parts[0])
    if len(parts) == 1:
        return first + b"]}"
    last = b"%b]}" % parts[-1]
    return b",{".join([first, *parts[1:-1], last])


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

    rendered = table_for(
        call.endpoint.resource,
        objects,
        printer=call.endpoint.kind.printer,
        include_object=call.query.get("includeObject") or "Metadata",
        list_meta=metadata,
        now=now or call.now,
        headers=headers,
    )
    rendered["apiVersion"] = f"meta.k8s.io/{call.format.version}"
    return rendered
