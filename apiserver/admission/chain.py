"""What may change or refuse a write beside the kind's own strategy, as an ordered chain per resource and verb.

Plugins are small, synchronous and read only the server's own caches. Which plugins concern a resource is worked out
once, so a kind without any pays nothing. Webhooks will join here, as the asynchronous last part of the chain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from podwright.api.resources import Resource
from podwright.apiserver.strategy import WriteContext

JSON = dict[str, Any]


@dataclass(slots=True)
class Attributes:
    """One write. `verb` is create, update or delete; `obj` may be changed in place by `admit` (None on delete)."""

    verb: str
    name: str
    obj: JSON | None
    old: JSON | None
    ctx: WriteContext


Step = Callable[[Attributes], None]


class Plugin(Protocol):
    """One rule. Both methods raise ApiError to refuse."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Tell whether writes of this resource with this verb come here."""
        ...

    def admit(self, attributes: Attributes) -> None:
        """Complete or refuse the object."""
        ...

    def validate(self, attributes: Attributes) -> None:
        """Refuse the final object."""
        ...


class Chain:
    """Runs the plugins that concern a write, first all `admit`, later all `validate`."""

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self._plugins = tuple(plugins)
        self._table: dict[tuple[str, str, str], tuple[Plugin, ...]] = {}

    def _concerned(self, resource: Resource, verb: str) -> tuple[Plugin, ...]:
        key = (resource.qualified, resource.version, verb)
        found = self._table.get(key)
        if found is None:
            found = tuple(p for p in self._plugins if p.concerns(resource, verb))
            self._table[key] = found
        return found

    def admit(self, attributes: Attributes) -> None:
        """Run the mutating part. Raises ApiError."""
        for plugin in self._concerned(attributes.ctx.resource, attributes.verb):
            plugin.admit(attributes)

    def validate(self, attributes: Attributes) -> None:
        """Run the validating part. Raises ApiError."""
        for plugin in self._concerned(attributes.ctx.resource, attributes.verb):
            plugin.validate(attributes)


class BasePlugin:
    """Does nothing; plugins override what they need."""

    def admit(self, attributes: Attributes) -> None:
        """Complete or refuse the object."""

    def validate(self, attributes: Attributes) -> None:
        """Refuse the final object."""
