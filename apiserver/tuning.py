"""Settings of the Python process that a server wants. Called once by whoever owns the process, never on import."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 100


def tune_collector() -> None:
    """Keep the cycle collector from walking the watch cache over and over.

    The cache is many small long-lived objects without cycles; with the default thresholds a third of the CPU time
    of big lists goes into looking for some. Call it when start-up is done: what exists then is never looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
