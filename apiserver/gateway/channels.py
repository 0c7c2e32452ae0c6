"""The websocket subprotocols of exec, attach and port-forward: which one, and how bytes become messages. Pure.

v5.channel.k8s.io     v4 and: [255, n] from the client closes channel n
v4.channel.k8s.io     first byte of a binary message: 0 stdin, 1 stdout, 2 stderr, 3 status (JSON), 4 size
v3., v2., channel.    like v4, but channel 3 carries text
base64.channel...     text messages: the channel's digit, then base64
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]

STDIN, STDOUT, STDERR, STATUS, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
EXEC_PROTOCOLS = (
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "v3.channel.k8s.io",
    "v2.channel.k8s.io",
    "channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "base64.channel.k8s.io",
)
FORWARD_PROTOCOLS = ("v4.channel.k8s.io", "portforward.k8s.io", "v4.base64.channel.k8s.io")


@dataclass(frozen=True, slots=True)
class Codec:
    """One negotiated subprotocol; "" is a client that named none."""

    protocol: str

    @property
    def base64(self) -> bool:
        """Whether messages are text."""
        return "base64" in self.protocol

    @property
    def json_status(self) -> bool:
        """Whether channel 3 carries a Status."""
        return self.protocol.startswith(("v4.", "v5."))

    @property
    def closes(self) -> bool:
        """Whether a client can close its stdin alone."""
        return self.protocol.startswith("v5.")

    def encode(self, channel: int, data: bytes) -> bytes | str:
        """Make a message."""
        if self.base64:
            return str(channel) + base64.b64encode(data).decode("ascii")
        return bytes((channel,)) + data

    def decode(self, message: bytes | str) -> tuple[int, bytes] | None:
        """Read a client's message; None when it is damaged or empty."""
        if isinstance(message, str):
            if not message[:1].isdigit():
                return None
            try:
                return int(message[0]), base64.b64decode(message[1:], validate=True)
            except binascii.Error:
                return None
        return (message[0], message[1:]) if message else None

    def status(self, status: JSON) -> bytes:
        """Write the last word of a stream as channel 3 carries it; b"" for a success that is not told."""
        if self.json_status:
            return json.dumps(status, separators=(",", ":")).encode()
        return b"" if status.get("status") == "Success" else str(status.get("message") or "").encode()


def choose(offered: Iterable[str], served: Iterable[str]) -> Codec | None:
    """Pick the first served protocol that is offered; None when none of the offered ones is known."""
    wanted = list(offered)
    if not wanted:
        return Codec("")
    return next((Codec(p) for p in served if p in wanted), None)


def size_of(data: bytes) -> tuple[int, int] | None:
    """Read a terminal size message; None when it is damaged."""
    try:
        size = json.loads(data)
        return int(size["Width"]), int(size["Height"])
    except (ValueError, KeyError, TypeError):
        return None
