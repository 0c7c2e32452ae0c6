"""GET of one object and of a collection, as bytes."""

from __future__ import annotations

from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.reading import get_item, list_items
from podwright.apiserver.registry.rendering import render_list


async def get(registry: Registry, call: Call) -> Result:
    """Handle GET on an object or on a subresource that shows it. Raises ApiError."""
    return Result(call.endpoint.wire(await get_item(registry, call)))


async def list_all(registry: Registry, call: Call) -> Result:
    """Handle GET on a collection. Raises ApiError."""
    return Result(await render_list(call, await list_items(registry, call)))
