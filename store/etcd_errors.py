"""What an etcd error means for the call that got it: may it be tried again, and may it have happened?

A table, because the answer decides whether a write can be doubled. Pure. Codes are gRPC's, texts are etcd's.
"""

from __future__ import annotations

from enum import Enum, auto


class Meaning(Enum):
    """How to go on after a failed call."""

    NOT_SENT = auto()  # it certainly did not happen: another member may do it
    BUSY = auto()  # it certainly did not happen: try again a little later
    LOGIN = auto()  # it certainly did not happen: our token is no longer good
    UNKNOWN = auto()  # it may have happened
    COMPACTED = auto()
    FUTURE = auto()
    FATAL = auto()  # trying again is no use


# (code, part of the text, meaning); the first row that fits counts
_TABLE: tuple[tuple[str, str, Meaning], ...] = (
    ("OUT_OF_RANGE", "has been compacted", Meaning.COMPACTED),
    ("OUT_OF_RANGE", "is a future revision", Meaning.FUTURE),
    ("UNAUTHENTICATED", "", Meaning.LOGIN),
    ("INVALID_ARGUMENT", "revision of auth store is old", Meaning.LOGIN),
    ("UNAVAILABLE", "failed to connect to all addresses", Meaning.NOT_SENT),
    ("UNAVAILABLE", "etcdserver: no leader", Meaning.NOT_SENT),  # refused before it is handled: we ask for a leader
    ("UNAVAILABLE", "etcdserver: not capable", Meaning.NOT_SENT),
    ("RESOURCE_EXHAUSTED", "etcdserver: too many requests", Meaning.BUSY),
    ("RESOURCE_EXHAUSTED", "", Meaning.FATAL),  # its disk quota, a message too large
    ("UNAVAILABLE", "", Meaning.UNKNOWN),
    ("DEADLINE_EXCEEDED", "", Meaning.UNKNOWN),
    ("CANCELLED", "", Meaning.UNKNOWN),
    ("UNKNOWN", "", Meaning.UNKNOWN),
    ("INTERNAL", "", Meaning.UNKNOWN),
    ("ABORTED", "", Meaning.UNKNOWN),
)


def meaning(code: str, text: str) -> Meaning:
    """Look an error up; anything not in the table is fatal."""
    return next((row[2] for row in _TABLE if row[0] == code and row[1] in text), Meaning.FATAL)
