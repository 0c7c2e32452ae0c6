"""A controller must not decide on a cache that does not show yet what it wrote itself, or it would write it twice.

For each key this remembers what was written in its name until the cache shows it (or something newer, or that it is
gone). Nothing is counted and nothing expires by guesswork: the question is put to the cache each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from podwright.client.informer import Informer

_LONGEST: Final = 60.0  # seconds; only an object that was made and gone unseen during a relist takes that long


@dataclass(frozen=True, slots=True)
class Written:
    """One write: of which object, and the resourceVersion it led to."""

    kind: Literal["create", "change", "delete"]
    cache: str  # qualified resource name
    key: str
    uid: str
    version: int
    at: float


class Newest:
    """The largest resourceVersion that each cache has seen; one for all controllers, subscribed before them."""

    def __init__(self, informers: Mapping[str, Informer[Any]]) -> None:
        self._versions = dict.fromkeys(informers, 0)
        for name, informer in informers.items():
            informer.add_handler(self._watcher(name))

    def of(self, cache: str) -> int:
        """Return the largest version seen; 0 before any."""
        return self._versions[cache]

    def _watcher(self, name: str) -> Callable[[str, Any, Any], None]:
        versions = self._versions

        def on_change(_: str, __: Any, new: Any) -> None:
            if new is not None:
                version = _number(new.meta.version)
                versions[name] = max(versions[name], version)

        return on_change


class OwnWrites:
    """Writes that caches do not show yet."""

    def __init__(self, informers: Mapping[str, Informer[Any]], newest: Newest) -> None:
        self._informers = informers
        self._newest = newest
        self._pending: dict[str, list[Written]] = {}
        self._waiting: dict[tuple[str, str], set[str]] = {}

    def note(self, key: str, written: Written) -> None:
        """Remember a write made for `key`, unless its cache shows it already."""
        if written.cache in self._informers and not self._shows(written):
            self._pending.setdefault(key, []).append(written)
            self._waiting.setdefault((written.cache, written.key), set()).add(key)

    def settled(self, key: str, now: float) -> bool:
        """Tell whether the caches show everything written for `key`."""
        pending = self._pending.get(key)
        if pending is None:
            return True
        left = [w for w in pending if now - w.at < _LONGEST and not self._shows(w)]
        for written in pending:
            if written not in left:
                self._unwait(written, key, left)
        if left:
            self._pending[key] = left
            return False
        del self._pending[key]
        return True

    def waiting_for(self, cache: str, key: str) -> tuple[str, ...]:
        """Return the keys whose writes touch this object: they deserve a look now that it changed."""
        return tuple(self._waiting.get((cache, key), ())) if self._waiting else ()

    def _unwait(self, written: Written, key: str, left: list[Written]) -> None:
        place = (written.cache, written.key)
        if any((w.cache, w.key) == place for w in left):
            return
        keys = self._waiting.get(place)
        if keys is not None:
            keys.discard(key)
            if not keys:
                del self._waiting[place]

    def _shows(self, written: Written) -> bool:
        cached = self._informers[written.cache].get(written.key)
        if cached is None:
            # Never seen, or gone already? It is gone if the cache has seen something newer.
            return written.kind != "create" or self._newest.of(written.cache) >= written.version
        meta = cached.meta
        if written.uid and meta.uid != written.uid:
            return written.kind == "delete" or _number(meta.version) >= written.version
        if written.kind == "delete":
            return meta.deleted is not None
        return _number(meta.version) >= written.version


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else 0
