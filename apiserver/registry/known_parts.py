"""Parts of documents that were checked and pruned before: replicas share their spec, so it is looked at once.

Checking and pruning are pure functions of a part's JSON, so remembering them by that JSON changes no answer. What is
remembered is bounded in number and size. It must never be used where a value has more than one JSON form.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from podwright.api.model import check, prune

JSON = dict[str, Any]
_KINDS_KEPT = 256
_LARGEST = 8 * 1024
"""Bytes of a part from which it is not remembered."""


def text_of(part: Any) -> bytes | None:
    """The JSON under which a part is remembered; None for what is not worth it, or not safe."""
    if not isinstance(part, dict) or not part:
        return None
    try:
        text = orjson.dumps(part)
    except TypeError:
        return None
    # null may stand for what JSON cannot say (an infinite number), so nothing with a null is remembered.
    return None if len(text) > _LARGEST or b"null" in text else text


@lru_cache(maxsize=_KINDS_KEPT)
def clean_part(cls: type[Any], text: bytes) -> bytes | None:
    """The pruned form of a part of class `cls`; None if anything is wrong with it or nothing is left of it."""
    part: JSON = orjson.loads(text)
    if check(cls, part):
        return None
    pruned = prune(cls, part)
    return orjson.dumps(pruned) if pruned else None
