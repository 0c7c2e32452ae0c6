"""Admission of what is not stored as such: bindings, evictions, questions, and connections to pods.

Only what clients configured is asked about these; they go past the built-in plugins, which know the kind that the
resource stores. It must never store anything.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.form import Form
from podwright.apiserver.options import WriteOptions
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target
from podwright.apiserver.strategy import WriteContext
from podwright.apiserver.user import User

JSON = dict[str, Any]


async def ask(registry: Registry, call: Call, form: Form, obj: JSON, options: WriteOptions) -> None:
    """Let what clients configured change or refuse an object that is posted. Raises ApiError."""
    ctx = registry.context(call, dry_run=options.dry_run, subresource=call.target.subresource)
    await _ask(registry, registry.attributes(call, "create", ctx, obj, None, options, name=call.name, form=form))


async def ask_to_connect(
    registry: Registry,
    endpoint: Endpoint,
    target: Target,
    user: User,
    now: datetime,
    form: Form,
    obj: JSON,
    notes: dict[str, str],
) -> list[str]:
    """Ask about a connection to something behind the API; returns warnings. Raises ApiError.

    What is to be recorded of it goes into `notes`.
    """
    ctx = WriteContext(
        user=user,
        now=now,
        resource=endpoint.resource,
        lookup=registry.lookup,
        subresource=target.subresource,
        namespace=target.namespace if endpoint.resource.namespaced else "",
    )
    attributes = Attributes("connect", target.name, obj, None, ctx, form, annotations=notes)
    await _ask(registry, attributes)
    return attributes.warnings


async def _ask(registry: Registry, attributes: Attributes) -> None:
    admission = registry.admission
    asked = admission.asked(attributes)
    if asked:
        await admission.mutate(asked, attributes, plugins=False)
        await admission.review(asked, attributes)
