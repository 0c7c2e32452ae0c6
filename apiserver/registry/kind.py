"""What the registry must know of one kind, whoever defined it: a row of the resource table, or a client.

The registry, tables, selectors and OpenAPI ask a `Kind` and never where it came from. Everything in it is made on
first use. It must never know a store or a cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from podwright.api.resources import Resource
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.decoding import Codec
from podwright.apiserver.strategies.table import strategy_for
from podwright.apiserver.strategy import Strategy

if TYPE_CHECKING:
    from podwright.apiserver.printing.printer import Printer

_WARNINGS = {
    "componentstatuses": "v1 ComponentStatus is deprecated in v1.19+",
    "endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


class Kind(Protocol):
    """One kind in one version."""

    @property
    def resource(self) -> Resource:
        """Its names and what is served of it."""
        ...

    @property
    def codec(self) -> Codec:
        """Reads its documents."""
        ...

    @property
    def strategy(self) -> Strategy:
        """Its rules."""
        ...

    @property
    def printer(self) -> Printer:
        """Its tables."""
        ...

    @property
    def warning(self) -> str:
        """What every answer about it warns of; "" for nothing."""
        ...

    @property
    def published_schema(self) -> dict[str, Any] | None:
        """The schema that its author wrote, as JSON; None for a kind that has a class."""
        ...

    @property
    def has_class(self) -> bool:
        """Whether it has a schema class: only such kinds have protobuf bodies and strategic merge patches."""
        ...


class BuiltInKind:
    """A row of the resource table."""

    has_class = True
    published_schema = None

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.codec = ClassCodec(resource)
        self.warning = _WARNINGS.get(resource.qualified, "")

    @property
    def strategy(self) -> Strategy:
        """The kind's rules."""
        return strategy_for(self.resource)

    @property
    def printer(self) -> Printer:
        """The kind's tables."""
        from podwright.apiserver.printing.tables import printer_for

        return printer_for(self.resource.group, self.resource.kind)
