"""Our keys within etcd's flat key space: all below one root, beside one key of our own for progress.

Pure translation. The progress key sorts before all data, so ranges begin after it and watches of the root see it.
"""

from __future__ import annotations

from typing import Any

from podwright.store.protocol import Event, KeyValue


class Keys:
    """Translates keys of one root."""

    def __init__(self, root: str) -> None:
        self._root = f"{root}/".encode()
        self.progress = self._root + b"\x01progress"
        self.data_begin = self._root + b"\x02"
        self.end = prefix_end(self._root)

    @property
    def begin(self) -> bytes:
        """Where the root begins; with `end` it covers data and progress key."""
        return self._root

    def encode(self, key: str) -> bytes:
        """Return etcd's name of a key."""
        return self._root + key.encode()

    def decode(self, raw: bytes) -> str:
        """Return our name of a key."""
        return raw[len(self._root) :].decode()

    def bounds(self, prefix: str, start: str) -> tuple[bytes, bytes]:
        """Return the half-open range of a prefix, from `start` on."""
        return max(self.encode(prefix), self.encode(start), self.data_begin), prefix_end(self.encode(prefix))

    def key_value(self, raw: Any) -> KeyValue:
        """Translate etcd's KeyValue message."""
        return KeyValue(self.decode(raw.key), raw.value, raw.create_revision, raw.mod_revision)

    def event(self, raw: Any) -> Event | None:
        """Translate etcd's Event message; None for the progress key."""
        if raw.kv.key == self.progress:
            return None
        deleted = raw.type == 1  # mvccpb.Event.DELETE: its kv has only key and mod_revision
        return Event(self.decode(raw.kv.key), None if deleted else raw.kv.value, raw.kv.mod_revision)


def prefix_end(prefix: bytes) -> bytes:
    """Return the first key after all that begin with a prefix; etcd's mark for 'no end' is a zero byte."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b"\0"
