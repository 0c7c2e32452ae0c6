"""The name of a pod template: a short hash that its ReplicaSet and pods carry in `pod-template-hash`.

Two templates are the same when they are equal without that label; the hash only makes a name. Should two different
templates meet in one name, the Deployment's collision count tells them apart.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

JSON = dict[str, Any]

LABEL = "pod-template-hash"
# No vowels (no words) and nothing that is mistaken for something else; the alphabet of generated names.
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_LENGTH = 10


def template_hash(template: JSON, collisions: int | None = None) -> str:
    """Return ten characters that follow from the template's content and the collision count alone."""
    content = orjson.dumps([without_hash(template), collisions or 0], option=orjson.OPT_SORT_KEYS)
    number = int.from_bytes(blake2b(content, digest_size=16).digest(), "big")
    text = ""
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        text += _ALPHABET[digit]
    return text


def without_hash(template: JSON) -> JSON:
    """Return the template without the label; shares everything else."""
    meta: JSON = template.get("metadata") or {}
    labels: JSON = meta.get("labels") or {}
    if LABEL not in labels:
        return template
    rest = {key: value for key, value in labels.items() if key != LABEL}
    return {**template, "metadata": {**meta, "labels": rest}}


def same_template(one: JSON, other: JSON) -> bool:
    """Tell whether pods made from both would be the same."""
    return without_hash(one) == without_hash(other)
