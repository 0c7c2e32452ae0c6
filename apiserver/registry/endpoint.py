"""One served resource with everything its requests need at hand: its kind, cache and keys.

Resources may share one store (versions of a kind, events of two groups): then their endpoints hold the same cache and
all but one of them a `View` that converts. It must never do I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import orjson

from podwright.api.apply.shapes import Shape, shape_of
from podwright.api.resources import Resource
from podwright.api.schema import TypeSchema
from podwright.apiserver.admission.form import Form
from podwright.apiserver.cache.item import Item, head_of, splice
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.registry.decoding import Codec
from podwright.apiserver.registry.kind import Kind
from podwright.apiserver.strategy import Strategy

JSON = dict[str, Any]


class View(Protocol):
    """Converts between a resource's own form and the one its shared store holds. Both return fresh dicts.

    The form has just to have the right fields: the endpoint prunes it as the kind wants it.
    """

    @property
    def storage(self) -> Codec:
        """The codec of the form that is stored."""
        ...

    def to_storage(self, obj: JSON) -> JSON:
        """Convert an object of this resource to the stored form."""
        ...

    def from_storage(self, obj: JSON) -> JSON:
        """Convert a stored object to this resource's form."""
        ...

    def stored_field(self, field: str) -> str:
        """Return what a selectable field of this resource is called in the stored form; "" where there is none."""
        ...


class Endpoint:
    """A kind, bound to its cache."""

    def __init__(self, kind: Kind, cache: ResourceCache, view: View | None = None) -> None:
        self.kind = kind
        resource = self.resource = kind.resource
        self.codec = kind.codec
        self.cache = cache
        self.view = view
        # As refusals call it: clients know an object by where it is stored, also when they asked another group for it.
        self.named: Resource = resource if view is None else view.storage.resource
        self.list_kind = resource.list_kind
        self.is_namespace = resource.plural == "namespaces" and not resource.group
        self._typed: JSON = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": None}
        self.list_head = b'{"kind":%b,"apiVersion":%b,"metadata":' % (
            orjson.dumps(self.list_kind),
            orjson.dumps(resource.api_version),
        )
        # Items of a list carry no kind and apiVersion: their bytes begin at the metadata key. Kinds that clients
        # defined keep them.
        named = len(head_of(resource.kind, resource.api_version)) - len(b'"metadata":{')
        self.item_offset = named if kind.has_class else 1

    converts = False
    """Whether objects are converted by somebody outside: `prepare` comes before their bytes are asked for."""

    async def prepare(self, items: Sequence[Item]) -> None:
        """Have objects ready in this resource's form. Raises ApiError."""

    @property
    def direct(self) -> bool:
        """Whether the cached bytes are what this resource shows."""
        return self.view is None

    def field_position(self, field: str) -> int | None:
        """Where in `field_values` a selectable field is, as it is called in the stored form."""
        return self.cache.field_index.get(field)

    def field_values(self, item: Item) -> tuple[str, ...]:
        """The values of an object's selectable fields."""
        return item.fields

    @cached_property
    def strategy(self) -> Strategy:
        """The kind's rules."""
        return self.kind.strategy

    @cached_property
    def form(self) -> Form:
        """How objects of the kind are read and completed once more when admission has changed them."""
        return Form(self.codec, self.strategy.default)

    @cached_property
    def schema(self) -> TypeSchema:
        """The kind's schema tree."""
        return self.codec.schema

    @cached_property
    def shape(self) -> Shape:
        """How the kind's fields are owned and merged."""
        return shape_of(self.schema)

    @cached_property
    def blank(self) -> JSON:
        """What an object of the kind holds before anything is written to it."""
        return {"metadata": {}, **self.codec.prune({})} if self.kind.has_class else {}

    def key(self, namespace: str, name: str) -> str:
        """The store key of an object."""
        prefix = self.cache.prefix
        return f"{prefix}{namespace}/{name}" if self.resource.namespaced else f"{prefix}{name}"

    def key_prefix(self, namespace: str) -> str:
        """The key prefix of a namespace's objects (or of all)."""
        return f"{self.cache.prefix}{namespace}/" if self.resource.namespaced and namespace else self.cache.prefix

    def get(self, namespace: str, name: str) -> Item | None:
        """The cached object."""
        return self.cache.get(namespace if self.resource.namespaced else "", name)

    def wire(self, item: Item) -> bytes:
        """The object's bytes as this resource shows them."""
        if self.view is None:
            return item.wire
        if item.converted is None:
            item.converted = {}
        found = item.converted.get(self.resource.versioned)
        if found is None:
            found = item.converted[self.resource.versioned] = orjson.dumps(self.object(item))
        return found

    def object(self, item: Item) -> JSON:
        """A fresh dict of the object in this resource's form."""
        return self.shown(item.object())

    def stored(self, obj: JSON) -> JSON:
        """The object in the stored form."""
        return obj if self.view is None else self.view.storage.prune(self.view.to_storage(obj))

    def shown(self, stored: JSON) -> JSON:
        """An object of the stored form in this resource's form."""
        if self.view is None:
            return stored
        # Type and metadata come first, as in what is stored: lists cut the items' bytes there.
        return self._typed | self.codec.prune(self.view.from_storage(stored))

    def wire_of(self, value: bytes, revision: int) -> bytes:
        """The answer for an object just written as `value` at `revision`."""
        if self.view is None:
            return splice(self.cache.head, value, revision)
        # What the stored form does not hold is gone, and the answer shows it.
        stored: JSON = orjson.loads(splice(self.cache.head, value, revision))
        return orjson.dumps(self._typed | self.codec.prune(self.view.from_storage(stored)))
