"""The rules of a version that shares another version's store: those of the stored version, asked in its terms.

So a kind's rules are written once, and what is refused names the fields of the stored version. It must never add a
rule.
"""

from __future__ import annotations

from podwright.api.field_errors import FieldError
from podwright.apiserver.registry.decoding import Codec
from podwright.apiserver.registry.endpoint import View
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class ConvertedStrategy(Strategy):
    """Converts, asks, and converts back what changed."""

    def __init__(self, codec: Codec, view: View, inner: Strategy) -> None:
        self._codec, self._view, self._inner = codec, view, inner
        for name in (
            "allow_create_on_update",
            "allow_unconditional_update",
            "returns_object_on_delete",
            "default_propagation",
            "scale",
            "selectable_fields",
            "other_fields",
        ):
            setattr(self, name, getattr(inner, name))

    def _stored(self, obj: JSON) -> JSON:
        return self._view.storage.prune(self._view.to_storage(obj))

    def _take(self, obj: JSON, stored: JSON) -> None:
        shown = self._codec.prune(self._view.from_storage(stored))
        # The registry holds on to the metadata it was given.
        metadata: JSON = obj["metadata"]
        metadata_now: JSON = shown["metadata"]
        for name in set(metadata) - set(metadata_now):
            del metadata[name]
        metadata.update(metadata_now)
        obj.clear()
        obj.update(shown, metadata=metadata)

    def default(self, obj: JSON) -> None:
        """Fill in the stored version's defaults."""
        stored = self._stored(obj)
        self._inner.default(stored)
        self._take(obj, stored)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Drop what a creator must not set."""
        stored = self._stored(obj)
        self._inner.prepare_create(stored, ctx)
        self._take(obj, stored)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep what an updater must not touch."""
        stored = self._stored(obj)
        self._inner.prepare_update(stored, self._stored(old), ctx)
        self._take(obj, stored)

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep everything but the status."""
        stored = self._stored(obj)
        self._inner.prepare_status_update(stored, self._stored(old), ctx)
        self._take(obj, stored)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new object."""
        return self._inner.validate_create(self._stored(obj), ctx)

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed object."""
        return self._inner.validate_update(self._stored(obj), self._stored(old), ctx)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return self._inner.validate_status_update(self._stored(obj), self._stored(old), ctx)

    def validate_name(self, name: str) -> list[str]:
        """List what is wrong with a name."""
        return self._inner.validate_name(name)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Texts for the Warning header."""
        return self._inner.warnings(self._stored(obj), None if old is None else self._stored(old), ctx)
