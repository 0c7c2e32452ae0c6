"""Settings of the Python process that a server wants. Called once by whoever owns the process, never on import."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 20_000, 5, 2_500


def tune_collector() -> None:
    """Keep the cycle collector from walking the watch cache over and over, and from holding up everybody when it looks.

    The cache is many small long-lived objects without cycles: of what grows old every object is looked at twice, a few
    thousand at a time, and all of them hardly ever. Call it when start-up is done: what exists then is never looked at.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def give_memory_back() -> None:
    """Return to the system what was freed and is kept for later: after a start, a big list, many objects that went.

    Takes a moment, without the interpreter's lock. Where the C library has no such call, nothing happens.
    """
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
