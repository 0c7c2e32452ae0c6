"""The policies in force with their bindings, kept as an index over the watch caches.

It is worked out anew when a policy, a binding or what is served has changed, at the next write; what was compiled of a
policy stays until its generation changes. It must never evaluate anything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from podwright.api.labels import SelectorError
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.policies.policy import Binding, Policy
from podwright.apiserver.admission.rule_matching import EXEMPT
from podwright.apiserver.admission.seen import Served, Versions, gvr_of

JSON = dict[str, Any]
PolicyT = TypeVar("PolicyT", bound=Policy)
_GROUP: Final = "admissionregistration.k8s.io"
_REVIEWS: Final = frozenset((
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
))  # fmt: skip
_UNTOUCHED: Final = EXEMPT | _REVIEWS
"""What no policy is asked about: what policies are made of, and questions of who may do what."""


@dataclass(frozen=True, slots=True)
class Bound(Generic[PolicyT]):
    """A policy with the bindings that put it into force, by name."""

    policy: PolicyT
    bindings: tuple[Binding, ...]


class Index(Generic[PolicyT]):
    """The policies of one kind ("validating", "mutating")."""

    def __init__(
        self, served: Served, versions: Versions, kind: str, compile_policy: Callable[[JSON], PolicyT]
    ) -> None:
        self._served = served
        self._versions = versions
        policies, bindings = (find(f"{kind}admission{what}", _GROUP) for what in ("policies", "policybindings"))
        self._policies = served.endpoints[gvr_of(policies)].cache
        self._bindings = served.endpoints[gvr_of(bindings)].cache
        self._compile = compile_policy
        self._compiled: dict[str, tuple[tuple[str, int], PolicyT]] = {}
        self._state: tuple[int, ...] = ()
        self._all: tuple[Bound[PolicyT], ...] = ()
        self._relevant: dict[tuple[str, str, str], tuple[Bound[PolicyT], ...]] = {}

    def relevant(self, attributes: Attributes) -> tuple[Bound[PolicyT], ...]:
        """The policies whose rules name writes of this kind, in the order of their names."""
        self._refresh()
        resource = attributes.resource
        key = (attributes.operation, resource.versioned, attributes.subresource)
        found = self._relevant.get(key)
        if found is None:
            found = self._relevant[key] = self._find(attributes.operation, resource, attributes.subresource)
        return found

    def _find(self, operation: str, resource: Resource, subresource: str) -> tuple[Bound[PolicyT], ...]:
        if (resource.group, resource.plural) in _UNTOUCHED:
            return ()
        asked = gvr_of(resource)
        return tuple(
            bound
            for bound in self._all
            if bound.policy.matching.may_find(
                operation, asked, subresource, lambda: self._versions.equivalents(resource)
            )
        )

    def _refresh(self) -> None:
        policies, bindings = self._policies, self._bindings
        state = (policies.changed, policies.loads, bindings.changed, bindings.loads, self._served.generation)
        if state == self._state:
            return
        self._state = state
        self._relevant.clear()
        by_policy: dict[str, list[Binding]] = {}
        for item in bindings.iterate():
            with suppress(SelectorError):  # such a one cannot have been accepted
                binding = Binding(item.object())
                by_policy.setdefault(binding.policy, []).append(binding)
        compiled: dict[str, tuple[tuple[str, int], PolicyT]] = {}
        for item in policies.iterate():
            if item.name in by_policy:
                with suppress(SelectorError):  # nor such a one
                    compiled[item.name] = self._kept(item.object())
        self._compiled = compiled
        self._all = tuple(Bound(policy, tuple(by_policy[name])) for name, (_, policy) in compiled.items())

    def _kept(self, obj: JSON) -> tuple[tuple[str, int], PolicyT]:
        """What was compiled of this generation of a policy, or what is compiled now."""
        metadata: JSON = obj["metadata"]
        state = (metadata["uid"], metadata.get("generation") or 0)
        known = self._compiled.get(metadata["name"])
        return known if known is not None and known[0] == state else (state, self._compile(obj))
