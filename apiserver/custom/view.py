"""Objects of one version seen through another: the apiVersion changes, and each drops what it does not know.

The hook for definitions that convert by webhook: they will need a view of their own.
"""

from __future__ import annotations

from typing import Any

from podwright.api.resources import Resource
from podwright.apiserver.custom.codec import CustomCodec

JSON = dict[str, Any]


class VersionView:
    """Shows what is stored in the form of `storage` as `shown`."""

    def __init__(self, storage: CustomCodec, shown: Resource) -> None:
        self._storage = storage
        self._shown = shown

    @property
    def storage(self) -> CustomCodec:
        """The codec of the form that is stored."""
        return self._storage

    def to_storage(self, obj: JSON) -> JSON:
        """Convert to the stored version, complete as that one wants it."""
        return self._storage.restored(obj)

    def stored_field(self, field: str) -> str:
        """Versions select by the same names."""
        return field

    def from_storage(self, obj: JSON) -> JSON:
        """Convert to the version shown."""
        return {**obj, "apiVersion": self._shown.api_version}
