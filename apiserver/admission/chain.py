"""What may change or refuse a write beside the kind's own strategy, as an ordered chain per resource and verb.

Plugins are small, synchronous and read only the server's own caches. Which plugins concern a resource is worked out
once, so a kind without any pays nothing. Beside them are the dynamic parts: what clients configured, asked only where
`asked` finds that there is something to ask.

    admit > mutate, and both once more when something changed > the kind's own rules > validate > review
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from podwright.api.resources import Resource
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.dynamic import Dynamic
from podwright.apiserver.user import User

Asked = tuple[Dynamic, ...]


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
    """Runs the plugins that concern a write, first all `admit`, later all `validate`.

    What one very user writes (`exempt`) is for plugins alone: no dynamic part is asked about it.
    """

    def __init__(
        self, plugins: Sequence[Plugin], dynamic: Sequence[Dynamic] = (), *, exempt: User | None = None
    ) -> None:
        self._exempt = exempt
        self._plugins = tuple(plugins)
        self._dynamic = tuple(dynamic)
        self._configured = tuple(part.configured for part in dynamic)
        self._busy = True
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

    def asked(self, attributes: Attributes) -> Asked:
        """The dynamic parts that a write concerns: none, where nothing is configured."""
        if not any(self._configured):  # before every write of the server: nothing else is looked at
            if not self._busy:
                return ()
            self._busy = False  # once more, so that parts let go of what they hold
        else:
            self._busy = True
        if attributes.ctx.user is self._exempt:
            return ()
        return tuple([part for part in self._dynamic if part.concerns(attributes)])

    async def mutate(self, asked: Asked, attributes: Attributes, *, plugins: bool = True) -> None:
        """Let the dynamic parts change an object; after a change all are asked once more. Raises ApiError.

        `plugins` tells whether the built-in plugins were asked about this object too.
        """
        for part in asked:
            await part.mutate(attributes)
        if not attributes.changed:
            return
        attributes.again = True
        if plugins:
            self.admit(attributes)
        for part in asked:
            await part.mutate(attributes)

    async def review(self, asked: Asked, attributes: Attributes) -> None:
        """Let the dynamic parts refuse the final object. Raises ApiError."""
        for part in asked:
            await part.validate(attributes)

    async def close(self) -> None:
        """Let go of what dynamic parts hold."""
        for part in self._dynamic:
            await part.close()


class BasePlugin:
    """Does nothing; plugins override what they need."""

    def admit(self, attributes: Attributes) -> None:
        """Complete or refuse the object."""

    def validate(self, attributes: Attributes) -> None:
        """Refuse the final object."""
