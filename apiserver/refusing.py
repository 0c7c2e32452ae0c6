"""What a refusal may show: of a Secret or a token nothing of what was sent or is stored.

Looked at for every refusal; what takes values out is imported with the first that may hold some.
"""

from __future__ import annotations

from podwright.api.errors import ApiError
from podwright.apiserver import confidential
from podwright.apiserver.media import body_type
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.routes import Target
from podwright.client.transport import Request


def refusal_shown(error: ApiError, request: Request, target: Target, registry: Registry) -> ApiError:
    """The refusal as it may be answered."""
    kind = confidential.kind_of(target.group, target.plural, target.subresource)
    if not kind:
        return error
    from podwright.apiserver.documents import words_of
    from podwright.apiserver.withholding import withheld

    sent = words_of(request.body, body_type(dict(request.headers).get("content-type", "")))
    endpoint = registry.endpoints.get((target.group, target.version, target.plural))
    item = endpoint.get(target.namespace, target.name) if endpoint is not None and target.name else None
    return withheld(error, kind, sent, None if item is None else item.object())
