"""For whom something is being done: what a store may use to serve few wishes beside many.

It is set by whoever begins to work for a client, in the context of the task that does, and compared for identity only.
It must never change what is done, only how soon.
"""

from __future__ import annotations

from contextvars import ContextVar

WHOSE: ContextVar[object] = ContextVar("WHOSE", default=None)
