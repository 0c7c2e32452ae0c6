"""Policies as a part of admission that costs nothing before there are any.

What asks policies is loaded with the first binding (expressions take a while to load) and let go with the last. It must
never import anything that knows the language of expressions.
"""

from __future__ import annotations

from collections.abc import Callable

from podwright.api.resources import find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.dynamic import Dynamic
from podwright.apiserver.admission.policies.counting import PolicyCounts
from podwright.apiserver.admission.seen import gvr_of
from podwright.apiserver.registry.core import Registry

Load = Callable[[Registry, PolicyCounts], Dynamic]


class Policies:
    """The policies of one kind, "validating" or "mutating"."""

    def __init__(self, registry: Registry, kind: str, load: Load, counts: PolicyCounts) -> None:
        bindings = find(f"{kind}admissionpolicybindings", "admissionregistration.k8s.io")
        self._bindings = registry.endpoints[gvr_of(bindings)].cache
        self.configured = self._bindings.collections
        self._registry = registry
        self._load = load
        self._counts = counts
        self._loaded: Dynamic | None = None

    def concerns(self, attributes: Attributes) -> bool:
        """Tell whether there are policies for writes of this kind."""
        if not self._bindings.collections:
            self._loaded = None
            return False
        if self._loaded is None:
            self._loaded = self._load(self._registry, self._counts)
        return self._loaded.concerns(attributes)

    async def mutate(self, attributes: Attributes) -> None:
        """Let them change the object. Raises ApiError."""
        if self._loaded is not None:
            await self._loaded.mutate(attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Let them refuse the final object. Raises ApiError."""
        if self._loaded is not None:
            await self._loaded.validate(attributes)

    async def close(self) -> None:
        """Let go of what was loaded."""
        self._loaded = None


def load_validating(registry: Registry, counts: PolicyCounts) -> Dynamic:
    """Load what asks policies that demand."""
    from podwright.apiserver.admission.policies.validating import ValidatingPolicies

    return ValidatingPolicies(registry, counts)


def load_mutating(registry: Registry, counts: PolicyCounts) -> Dynamic:
    """Load what asks policies that change objects."""
    from podwright.apiserver.admission.policies.mutating import MutatingPolicies

    return MutatingPolicies(registry, counts)
