"""What exists now, in memory: enough to decide a txn without reading the disk.

Holds every live key's revisions, and the values of recently written ones up to a bound. Pure: it decides and
remembers; writing and waiting are others' work. Row ids are as in `sqlite_file.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from podwright.store.protocol import Compare, Delete, KeyValue, Put
from podwright.store.sqlite_file import MAX_OPS, OP_BITS, Row, first_id

RECENT_BYTES = 256 << 10


@dataclass(slots=True, eq=False)
class Entry:
    """One live key. `value` is None when it must be read from disk."""

    id: int
    create_revision: int
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a txn would do: rows to write, or the states that refused it.

    `missing` maps the ids of states whose value is not in memory (here given as empty bytes) to their keys.
    """

    succeeded: bool
    revision: int
    rows: list[Row]
    current: dict[str, KeyValue | None]
    missing: dict[int, str]


class Live:
    """The live keys, at `revision`; may be ahead of what is durable."""

    def __init__(self, revision: int, entries: Iterable[tuple[str, int, int]]) -> None:
        self.revision = revision
        self._entries = {key: Entry(row_id, create, None) for key, row_id, create in entries}
        self._recent: deque[Entry] = deque()
        self._recent_bytes = 0

    def entry(self, key: str) -> Entry | None:
        """Look a key up."""
        return self._entries.get(key)

    def decide(self, compares: Sequence[Compare], ops: Sequence[Put | Delete]) -> Decision:
        """Evaluate a txn on the present state and, if it succeeds, make it the present state."""
        entries = self._entries
        for compare in compares:
            entry = entries.get(compare.key)
            if compare.mod_revision != (entry.id >> OP_BITS if entry else 0):
                return self._refuse(compares)
        if len(ops) > MAX_OPS:
            raise ValueError(f"cannot write: {len(ops)} ops in one txn, at most {MAX_OPS} are possible")
        row_id = first_id(self.revision + 1)
        rows: list[Row] = []
        for op in ops:
            old = entries.get(op.key)
            if isinstance(op, Delete):
                if old is None:
                    continue
                del entries[op.key]
                rows.append(Row(row_id, op.key, True, old.create_revision, old.id, None))
            else:
                create = old.create_revision if old else row_id >> OP_BITS
                entries[op.key] = self._remember(Entry(row_id, create, op.value))
                rows.append(Row(row_id, op.key, False, create, old.id if old else 0, op.value))
            row_id += 1
        if rows:
            self.revision += 1
        return Decision(True, self.revision, rows, {}, {})

    def _refuse(self, compares: Sequence[Compare]) -> Decision:
        missing: dict[int, str] = {}
        current = {compare.key: _state(compare.key, self._entries.get(compare.key), missing) for compare in compares}
        return Decision(False, self.revision, [], current, missing)

    def _remember(self, entry: Entry) -> Entry:
        """Keep the newest values; forget the oldest ones beyond the bound (superseded ones are kept by nobody else)."""
        self._recent.append(entry)
        self._recent_bytes += len(entry.value or b"")
        while self._recent_bytes > RECENT_BYTES:
            oldest = self._recent.popleft()
            self._recent_bytes -= len(oldest.value or b"")
            oldest.value = None
        return entry


def _state(key: str, entry: Entry | None, missing: dict[int, str]) -> KeyValue | None:
    if entry is None:
        return None
    if entry.value is None:
        missing[entry.id] = key
    return KeyValue(key, entry.value or b"", entry.create_revision, entry.id >> OP_BITS)
