"""Arithmetic of keys that every store shares: where a prefix ends, and which txns are malformed.

Text order of code points equals the order of UTF-8 bytes, so the in-process stores compare `str` and
etcd compares bytes, with the same result. Nothing here may know what a key means.
"""

from __future__ import annotations

from collections.abc import Sequence

from podwright.store.protocol import Delete, Put

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)  # not encodable in UTF-8, so never part of a key


def prefix_end(prefix: str) -> str | None:
    """Return the first key after all that begin with `prefix`; None when there is no end."""
    while prefix:
        code = ord(prefix[-1]) + 1
        if code in _SURROGATES:
            code = _SURROGATES.stop
        if code <= _LAST:
            return prefix[:-1] + chr(code)
        prefix = prefix[:-1]
    return None


def check_ops(ops: Sequence[Put | Delete]) -> None:
    """Raise ValueError for an empty key or one named twice: no order between ops of one txn is promised."""
    if len(ops) == 1:
        if not ops[0].key:
            raise ValueError("cannot write: a key is empty")
        return
    seen: set[str] = set()
    for op in ops:
        if not op.key:
            raise ValueError("cannot write: a key is empty")
        if op.key in seen:
            raise ValueError(f"cannot write: {op.key!r} is named twice in one txn")
        seen.add(op.key)
