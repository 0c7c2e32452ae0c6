"""Reads bodies for those who only look at them: audit lines, and what refusals may not show."""

from __future__ import annotations

from typing import Any, Final

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.media import PROTOBUF_TYPE

_SLOW: Final = 64 * 1024
"""Bytes of YAML that are read only once, by whoever carries the request out."""


def words_of(body: bytes, content_type: str) -> Any:
    """What `document_of` finds, or, where that would take long, the whole text."""
    if content_type.endswith("yaml") and len(body) > _SLOW:
        return body.decode(errors="replace")
    return document_of(body, content_type)


def document_of(body: bytes, content_type: str) -> Any:
    """What a JSON, YAML or protobuf body says; None when it cannot be read."""
    try:
        if content_type == PROTOBUF_TYPE:
            from podwright.apiserver.protobuf_body import to_json

            return orjson.loads(to_json(body, ""))
        if content_type.endswith("json"):
            return orjson.loads(body)
        if content_type.endswith("yaml"):
            from podwright.apiserver.registry.yaml_body import load_yaml

            return load_yaml(body)[0]
    except (ApiError, ValueError):
        return None
    return None
