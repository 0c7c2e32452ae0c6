"""A simple model of a collection of ConfigMaps: what requests must answer and what watches must show.

It keeps every state there ever was, by revision, and knows nothing of caches, windows or buckets.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]
Key = tuple[str, str]
Match = Callable[[JSON], bool]


@dataclass
class Model:
    """`objects` is the present; `changes` are all changes as (revision, key, before, after)."""

    objects: dict[Key, JSON] = field(default_factory=dict)
    changes: list[tuple[int, Key, JSON | None, JSON | None]] = field(default_factory=list)

    def put(self, key: Key, obj: JSON) -> None:
        """Take in what a write answered; one that changed nothing answers the revision there was."""
        revision = int(obj["metadata"]["resourceVersion"])
        before = self.objects.get(key)
        if before is not None and before["metadata"]["resourceVersion"] == obj["metadata"]["resourceVersion"]:
            assert before == obj, "a write without a new revision changed the object"
            return
        assert not self.changes or revision > self.changes[-1][0], "revisions go up"
        self.objects[key] = copy.deepcopy(obj)
        self.changes.append((revision, key, before, self.objects[key]))

    def drop(self, key: Key, revision: int) -> None:
        """Take in that an object went away at a revision."""
        before = self.objects.pop(key)
        last = copy.deepcopy(before)
        last["metadata"]["resourceVersion"] = str(revision)
        self.changes.append((revision, key, last, None))

    def at(self, revision: int) -> dict[Key, JSON]:
        """The objects as they were."""
        found: dict[Key, JSON] = {}
        for when, key, _, after in self.changes:
            if when > revision:
                break
            if after is None:
                found.pop(key, None)
            else:
                found[key] = after
        return found

    def events(self, after: int, match: Match) -> list[tuple[str, JSON]]:
        """What a watch that begins after a revision shows, with objects as clients know them."""
        found: list[tuple[str, JSON]] = []
        for revision, _, before, now in self.changes:
            if revision <= after:
                continue
            was, is_now = before is not None and match(before), now is not None and match(now)
            if is_now:
                assert now is not None
                found.append(("MODIFIED" if was else "ADDED", now))
            elif was:
                assert before is not None
                last = copy.deepcopy(before)
                last["metadata"]["resourceVersion"] = str(revision)
                found.append(("DELETED", last))
        return found
