"""The seam for what clients configure to change or refuse writes: policies, and programs asked over the network.

A part is asked only about writes that concern it, so that a server without configuration does no more than look whether
there is any. It must never look at anything but the attributes it is given and the server's own caches.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol

from podwright.apiserver.admission.attributes import Attributes


class Dynamic(Protocol):
    """One kind of configuration."""

    @property
    def configured(self) -> Sized:
        """What clients configured. While it is empty, and was when `concerns` was asked last, nothing is asked."""
        ...

    def concerns(self, attributes: Attributes) -> bool:
        """Tell whether there is anything to ask about a write. Cheap: it comes before every write of the server."""
        ...

    async def mutate(self, attributes: Attributes) -> None:
        """Change the object by `attributes.take`, or refuse it. Raises ApiError."""
        ...

    async def validate(self, attributes: Attributes) -> None:
        """Refuse the final object. Raises ApiError."""
        ...

    async def close(self) -> None:
        """Let go of what is held between writes; the server ends."""
        ...


class BaseDynamic:
    """Does nothing; parts override what they need."""

    configured: Sized = (None,)

    async def mutate(self, attributes: Attributes) -> None:
        """Leave the object as it is."""

    async def validate(self, attributes: Attributes) -> None:
        """Accept the object."""

    async def close(self) -> None:
        """Hold nothing."""
