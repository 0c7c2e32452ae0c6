"""What the server itself writes into metadata: identity and times on creation, what an update can never change.

Names and uids need to be unique, not secret: they come from the process' random numbers, which cost no system call.
Functions over JSON dicts that change them in place. What is valid is `strategies/meta.py`'s affair.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from podwright.api.times import format_time

JSON = dict[str, Any]
_SUFFIX_CHARS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5
_MAX_NAME = 63
FINALIZER_ORPHAN = "orphan"
FINALIZER_FOREGROUND = "foregroundDeletion"


def random_suffix() -> str:
    """Five characters that form no words."""
    return suffix_of(random.getrandbits(64))  # random enough: a taken name is refused and drawn again


def suffix_of(number: int) -> str:
    """Five characters made of a number."""
    base = len(_SUFFIX_CHARS)
    return "".join([_SUFFIX_CHARS[number // base**i % base] for i in range(_SUFFIX_LENGTH)])


def generated_name(prefix: str) -> str:
    """A name from generateName; the prefix is cut so that it fits 63 characters."""
    return prefix[: _MAX_NAME - _SUFFIX_LENGTH] + random_suffix()


def new_uid() -> str:
    """A random UUID (version 4)."""
    digits = f"{random.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def fill_create(obj: JSON, namespace: str, now: datetime) -> None:
    """Set what the server owns on a new object, dropping what the creator said about it."""
    metadata: JSON = obj["metadata"]
    for key in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"):
        metadata.pop(key, None)
    place(metadata, namespace)
    metadata["uid"] = new_uid()
    metadata["creationTimestamp"] = format_time(now)


def place(metadata: JSON, namespace: str) -> None:
    """Set the namespace that the path names, or none."""
    if namespace:
        metadata["namespace"] = namespace
    else:
        metadata.pop("namespace", None)


def keep_system_fields(metadata: JSON, old: JSON) -> None:
    """Put back what an update can never change or may leave out."""
    metadata.pop("selfLink", None)
    metadata.setdefault("uid", old.get("uid"))
    metadata["creationTimestamp"] = old.get("creationTimestamp")
    if "deletionTimestamp" in old:
        metadata["deletionTimestamp"] = old["deletionTimestamp"]
    if "deletionGracePeriodSeconds" in old:
        metadata.setdefault("deletionGracePeriodSeconds", old["deletionGracePeriodSeconds"])
    if "generation" in old:
        metadata["generation"] = old["generation"]
    else:
        metadata.pop("generation", None)
    if "namespace" in old:
        metadata.setdefault("namespace", old["namespace"])
