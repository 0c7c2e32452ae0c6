"""From a write to the policies that are to be asked about it: each with its binding, its parameters, and the write as
its rules mean it.

What stands in the way of asking is a value too: whether it refuses the write is the policy's to say. It must never
evaluate an expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic

from podwright.api.resources import Resource
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.policies.index import Bound, PolicyT
from podwright.apiserver.admission.policies.params import ConfigurationError, find_params, resource_of
from podwright.apiserver.admission.policies.policy import Binding
from podwright.apiserver.admission.rule_matching import Asked, Gvr, Matching
from podwright.apiserver.admission.seen import Served, Versions, asked_of, namespace_labels

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call(Generic[PolicyT]):
    """One policy to ask. `params` is None where it is asked without; `resource` is what its rules name."""

    policy: PolicyT
    binding: Binding
    resource: Gvr
    params: JSON | None


@dataclass(frozen=True, slots=True)
class Unready(Generic[PolicyT]):
    """A policy that is for this write but cannot be asked; without a binding it is the policy's own fault."""

    policy: PolicyT
    binding: Binding | None
    why: str


class Calls(Generic[PolicyT]):
    """Finds them."""

    def __init__(self, served: Served, versions: Versions) -> None:
        self._served = served
        self._versions = versions

    def of(
        self, attributes: Attributes, policies: Iterable[Bound[PolicyT]]
    ) -> Iterator[Call[PolicyT] | Unready[PolicyT]]:
        """Yield what is to be asked, in order. Raises ApiError when the write's namespace is not there."""
        asked = asked_of(attributes)
        for bound in policies:
            resource = self._find(bound.policy.matching, asked, attributes)
            if resource is None:
                continue
            try:
                kind = self._param_resource(bound.policy.param_kind)
            except ConfigurationError as error:
                yield Unready(bound.policy, None, f"failed to configure policy: {error}")
                continue
            for binding in bound.bindings:
                if binding.matching is None or self._find(binding.matching, asked, attributes) is not None:
                    yield from self._with_params(attributes, asked, Call(bound.policy, binding, resource, None), kind)

    def _with_params(
        self, attributes: Attributes, asked: Asked, call: Call[PolicyT], kind: Resource | None
    ) -> Iterator[Call[PolicyT] | Unready[PolicyT]]:
        ref = call.binding.param_ref
        if kind is None or ref is None:
            yield call
            return
        try:
            found = find_params(kind, ref, asked.namespace, attributes.ctx.lookup)
        except ConfigurationError as error:
            yield Unready(call.policy, call.binding, f"failed to configure binding: {error}")
            return
        for params in found:
            yield replace(call, params=params)

    def _find(self, matching: Matching, asked: Asked, attributes: Attributes) -> Gvr | None:
        return matching.find(
            asked,
            (attributes.obj, attributes.old),
            lambda: self._versions.equivalents(attributes.resource),
            lambda: namespace_labels(attributes),
        )

    def _param_resource(self, kind: JSON | None) -> Resource | None:
        if kind is None:
            return None
        return resource_of(kind, (endpoint.resource for endpoint in self._served.endpoints.values()))
