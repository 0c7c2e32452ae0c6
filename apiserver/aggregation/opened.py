"""A connection to another API server that stopped being HTTP. A plain value, known before anything of its making is."""

from __future__ import annotations

from dataclasses import dataclass

from podwright.apiserver.streams import ByteStream


@dataclass(frozen=True, slots=True)
class Opened:
    """`begun` is what the other side has said so far, for the client to read."""

    line: ByteStream
    begun: bytes
