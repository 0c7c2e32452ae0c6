"""What the objects of a write are: their kind, and how such an object is read and completed.

Most writes carry objects of the resource itself; those through scale, binding, eviction and the like carry another
kind. It must never know who changed an object, or why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from podwright.api.errors import bad_request
from podwright.api.resources import Resource
from podwright.apiserver.registry.decoding import Codec, decode_patched

JSON = dict[str, Any]


def _complete(_: JSON) -> None:
    """Nothing has a default."""


@dataclass(frozen=True, slots=True)
class Form:
    """One kind in one version, as objects of a write have it."""

    codec: Codec
    default: Callable[[JSON], None] = _complete

    @property
    def kind(self) -> Resource:
        """Group, version and kind."""
        return self.codec.resource

    def read(self, obj: JSON) -> JSON:
        """A changed object, checked, pruned and completed. Raises ApiError 400, 422 when it is not of the kind."""
        kind, api_version = obj.get("kind"), obj.get("apiVersion")
        if (kind, api_version) != (self.kind.kind, self.kind.api_version):
            raise bad_request(f'no kind "{kind}" is registered for version "{api_version}"')
        found = decode_patched(self.codec, obj, [], "Ignore", [])
        self.default(found)
        return found
