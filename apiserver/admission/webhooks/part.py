"""Webhooks as a part of admission: the one that changes objects, and the one that refuses them.

As long as nothing is configured this is one look at an empty cache; everything else is imported with the first
configuration. It must never ask about configurations themselves: whoever broke them must be able to mend them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.dynamic import BaseDynamic
from podwright.apiserver.hooks.owner import Hooks
from podwright.apiserver.registry.core import Registry

if TYPE_CHECKING:
    from podwright.apiserver.admission.webhooks.configured import Configured, Meant
    from podwright.apiserver.admission.webhooks.counting import HookCounts
    from podwright.apiserver.admission.webhooks.questioner import Questioner

_GROUP: Final = "admissionregistration.k8s.io"


class _Webhooks(BaseDynamic):
    """What both parts share."""

    plural = ""
    step = ""
    mutating = False

    def __init__(self, registry: Registry, hooks: Hooks, counts: HookCounts) -> None:
        self._registry = registry
        self._hooks = hooks
        self._counts = counts
        self._endpoint = registry.endpoints[_GROUP, "v1", self.plural]
        self._cache = self._endpoint.cache
        self.configured = self._cache.collections
        self._configured: Configured | None = None
        self._asks: Questioner | None = None

    def concerns(self, attributes: Attributes) -> bool:
        """Tell whether the rules of any webhook name this write."""
        if not self._cache.collections:
            if self._configured is not None:
                self._configured = None
                self._hooks.client.use(self, ())
            return False
        return bool(self._meant(attributes))

    def _meant(self, attributes: Attributes) -> tuple[Meant, ...]:
        configured = self._configured or self._begin()
        if configured.catch_up(self._registry.generation):
            self._hooks.client.use(self, configured.targets())
        return configured.meant(attributes)

    def _begin(self) -> Configured:
        from podwright.apiserver.admission.webhooks.configured import Configured

        self._configured = Configured(self._endpoint, self._questioner.versions)
        return self._configured

    @property
    def _questioner(self) -> Questioner:
        if self._asks is None:
            from podwright.apiserver.admission.seen import Versions
            from podwright.apiserver.admission.webhooks.questioner import Questioner

            registry = self._registry
            self._asks = Questioner(
                self._hooks.client, Versions(registry), registry.authorizer, self._counts, self.step, self.mutating
            )
        return self._asks


class MutatingWebhooks(_Webhooks):
    """Those that change objects."""

    plural = "mutatingwebhookconfigurations"
    step = "admit"
    mutating = True

    async def mutate(self, attributes: Attributes) -> None:
        """Ask them in turn. Raises ApiError."""
        from podwright.apiserver.admission.webhooks.mutating import Rounds, ask_in_turn

        rounds: Rounds = attributes.memory.setdefault(self, Rounds())
        await ask_in_turn(self._questioner, self._meant(attributes), attributes, rounds)


class ValidatingWebhooks(_Webhooks):
    """Those that refuse."""

    plural = "validatingwebhookconfigurations"
    step = "validating"

    async def validate(self, attributes: Attributes) -> None:
        """Ask them all. Raises ApiError."""
        from podwright.apiserver.admission.webhooks.validating import ask_all

        await ask_all(self._questioner, self._meant(attributes), attributes)
