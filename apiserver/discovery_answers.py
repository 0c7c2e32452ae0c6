"""A discovery document in the representation a client takes: JSON, YAML or protobuf.

Documents come as JSON bytes that are kept; the other forms are made when asked for, which few clients do. It must
never decide what is served.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from podwright.api.errors import not_acceptable
from podwright.apiserver.media import JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE, Format, parse_accept
from podwright.client.transport import Response

JSON = dict[str, Any]
_SERVED: Final = (JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE)


def shown(document: bytes, accept: str, *, routed: bool) -> Response:
    """Answer with a document in the form that fits best. Raises ApiError 406, worded by whether the path is routed."""
    chosen = _choose(accept, routed=routed)
    if chosen == JSON_TYPE:
        body = document
    elif chosen == YAML_TYPE:
        from podwright.apiserver.registry.rendering import to_bytes

        body = to_bytes(orjson.loads(document), Format(content_type=YAML_TYPE))
    else:
        body = _protobuf(orjson.loads(document))
    return Response(200, {"content-type": chosen}, body)


def _choose(accept: str, *, routed: bool) -> str:
    clauses = parse_accept(accept)
    if not clauses:
        return JSON_TYPE
    fitting = [clause for clause in clauses if clause.type in _SERVED or clause.type == "*/*"]
    for clause in fitting:
        if "as" not in dict(clause.params):
            return JSON_TYPE if clause.type == "*/*" else clause.type
    raise not_acceptable(_SERVED, transforming=bool(fitting) or not routed)


def _protobuf(document: JSON) -> bytes:
    from podwright.api import apidiscovery
    from podwright.api.protobuf.encoding import encode
    from podwright.api.schema import schema_of

    return encode(document, schema_of(getattr(apidiscovery, document["kind"])))
