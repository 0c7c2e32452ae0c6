"""A typed, indexed copy of a resource, and the place to learn of changes.

Objects are decoded once, on arrival, and shared, as is what they are decoded from: never change them. Handlers get
keys and the two states; they are called in order on the loop and must be quick (add a key to a work queue, no more).
An event that brings nothing new (the same or an older resource version) reaches no handler, so a broken watch costs
nothing downstream.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from podwright.api.resources import Resource
from podwright.client.backoff import Chance
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.reflector import Reflector

T = TypeVar("T")
JSON = dict[str, Any]
Handler = Callable[[str, T | None, T | None], None]
Indexer = Callable[[T], tuple[str, ...]]
_log = logging.getLogger(__name__)


def key_of(namespace: str | None, name: str) -> str:
    """Return the key of an object: `namespace/name`, or `name` for one without a namespace."""
    return f"{namespace}/{name}" if namespace else name


def split_key(key: str) -> tuple[str, str]:
    """Return namespace ("" for none) and name."""
    namespace, _, name = key.rpartition("/")
    return namespace, name


class Informer(Generic[T]):
    """A live copy of one resource. Start `run()` as a task; everything else is immediate."""

    def __init__(
        self,
        client: Client,
        resource: Resource,
        *,
        decode: Callable[[JSON], T],
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        indexers: Mapping[str, Indexer[T]] | None = None,
        clock: Clock | None = None,
        chance: Chance = random.random,
    ) -> None:
        self.resource = resource
        self._decode = decode
        self._objects: dict[str, T] = {}
        self._versions: dict[str, str] = {}
        self._handlers: list[Handler[T]] = []
        self._indexers: dict[str, Indexer[T]] = dict(indexers or {})
        self._indices: dict[str, dict[str, dict[str, None]]] = {name: {} for name in self._indexers}
        self._full: set[str] | None = None  # keys seen in the full set that is arriving
        self._synced = asyncio.Event()
        self._reflector = Reflector(
            client,
            resource,
            self,
            namespace=namespace,
            label_selector=label_selector,
            field_selector=field_selector,
            clock=clock,
            chance=chance,
        )

    async def run(self) -> None:
        """Keep the copy up to date until cancelled."""
        await self._reflector.run()

    async def synced(self) -> None:
        """Wait until the copy is complete for the first time."""
        await self._synced.wait()

    @property
    def has_synced(self) -> bool:
        """Whether the copy has been complete once."""
        return self._synced.is_set()

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self._objects)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys."""
        return iter(self._objects)

    def get(self, key: str) -> T | None:
        """Return the object, or None."""
        return self._objects.get(key)

    def list(self) -> Sequence[T]:
        """Return all objects, in no particular order."""
        return [*self._objects.values()]

    def items(self) -> Iterable[tuple[str, T]]:
        """Return all keys and objects; do not await while iterating."""
        return self._objects.items()

    def by_index(self, name: str, value: str) -> Sequence[T]:
        """Return the objects for which the named indexer yielded the value."""
        objects = self._objects
        return [objects[key] for key in self._indices[name].get(value, ())]

    def keys_by_index(self, name: str, value: str) -> Sequence[str]:
        """Return the keys of the objects for which the named indexer yielded the value."""
        return [*self._indices[name].get(value, ())]

    def add_handler(self, on_change: Handler[T]) -> None:
        """Call `on_change(key, old, new)` for every change; old is None for a new object, new for one that is gone.

        What is there already is reported at once as new.
        """
        self._handlers.append(on_change)
        for key, obj in [*self._objects.items()]:
            self._notify(key, None, obj, (on_change,))

    # What follows is called by the reflector.

    def begin(self) -> None:
        """A full set follows; until it is complete, what we have stays."""
        self._full = set()

    def initial(self, obj: JSON) -> None:
        """One object of the full set."""
        key = self._store(obj, authoritative=True)
        if self._full is not None:
            self._full.add(key)

    def finish(self) -> None:
        """The full set is complete: whatever was not in it has been deleted meanwhile."""
        if self._full is not None:
            for key in [key for key in self._versions if key not in self._full]:
                self._remove(key)
        self._full = None
        self._synced.set()

    def changed(self, kind: str, obj: JSON) -> None:
        """One event."""
        if kind == "DELETED":
            metadata = obj["metadata"]
            self._remove(key_of(metadata.get("namespace"), metadata["name"]), obj)
        else:
            self._store(obj)

    def _store(self, raw: JSON, *, authoritative: bool = False) -> str:
        metadata = raw["metadata"]
        key = key_of(metadata.get("namespace"), metadata["name"])
        version = metadata.get("resourceVersion") or ""
        known = self._versions.get(key)
        # A full set counts even where its versions are lower: the server's history may have begun anew.
        if known is not None and (version == known or not (authoritative or _newer(version, known))):
            return key
        self._versions[key] = version
        new = self._decoded(key, raw)
        if new is None:
            return key
        old = self._objects.get(key)
        self._objects[key] = new
        self._reindex(key, old, new)
        self._notify(key, old, new)
        return key

    def _remove(self, key: str, raw: JSON | None = None) -> None:
        known = self._versions.get(key)
        if known is None or (raw is not None and _newer(known, raw["metadata"].get("resourceVersion") or "")):
            return
        del self._versions[key]
        old = self._objects.pop(key, None)
        if old is not None:
            self._reindex(key, old, None)
            self._notify(key, old, None)

    def _decoded(self, key: str, raw: JSON) -> T | None:
        try:
            return self._decode(raw)
        except (ValueError, TypeError, KeyError):
            # One unreadable object must not hide all others; it stays as it was.
            _log.exception("Cannot decode %s %s", self.resource.kind, key)
            return None

    def _reindex(self, key: str, old: T | None, new: T | None) -> None:
        for name, indexer in self._indexers.items():
            had = () if old is None else indexer(old)
            has = () if new is None else indexer(new)
            if had == has:
                continue
            index = self._indices[name]
            for value in had:
                keys = index.get(value)
                if keys is not None:
                    keys.pop(key, None)
                    if not keys:
                        del index[value]
            for value in has:
                keys = index.get(value)
                if keys is None:
                    index[value] = {key: None}
                else:
                    keys[key] = None

    def _notify(self, key: str, old: T | None, new: T | None, handlers: Iterable[Handler[T]] | None = None) -> None:
        for handler in self._handlers if handlers is None else handlers:
            try:
                handler(key, old, new)
            except Exception:  # noqa: BLE001 - one handler's mistake must not stop the others
                _log.exception("Cannot handle a change of %s %s", self.resource.kind, key)


def _newer(version: str, than: str) -> bool:
    """Versions are decimals of any length; anything else only tells same from different."""
    if version.isdigit() and than.isdigit():
        return (len(version), version) > (len(than), than)
    return version != than
