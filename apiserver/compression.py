"""Large answers are sent compressed to clients that ask for it, in a worker thread so that nobody else waits.

The threshold keeps ordinary requests at the price of one comparison. It must never be used for streams: those flush.
"""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache

LARGE = 128 * 1024
"""Bytes from which an answer is worth compressing."""
HEADERS = {"content-encoding": "gzip", "vary": "Accept-Encoding"}
_LEVEL = 1  # JSON shrinks to a tenth at the cheapest level already


@lru_cache(maxsize=64)
def asked_for(accept_encoding: str) -> bool:
    """Tell whether an Accept-Encoding header takes gzip."""
    for clause in accept_encoding.lower().split(","):
        name, _, quality = clause.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


async def compress(body: bytes) -> bytes:
    """The same bytes as gzip; the loop goes on meanwhile."""
    return await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
