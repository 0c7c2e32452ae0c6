"""MutatingAdmissionPolicies at work: the part of admission that lets them change objects.

Policies act in the order of their names, their bindings in the order of theirs, one mutation after another on what the
one before it made. In the second pass only those act again that want to. A failure refuses the write unless the
policy is lenient; the others still act, so that a refusal tells of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from podwright.api.cel.admission import changes
from podwright.api.errors import ApiError, forbidden
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.dynamic import BaseDynamic
from podwright.apiserver.admission.expression import ExpressionError, new_budget
from podwright.apiserver.admission.given import Given, given
from podwright.apiserver.admission.policies.calls import Call, Calls, Unready
from podwright.apiserver.admission.policies.counting import NO_ERROR, PolicyCounts
from podwright.apiserver.admission.policies.index import Index
from podwright.apiserver.admission.policies.mutations import Mutation, Target, compile_mutation
from podwright.apiserver.admission.policies.policy import Binding, Policy
from podwright.apiserver.admission.policies.time_given import TimeGiven
from podwright.apiserver.admission.policies.wording import name_of
from podwright.apiserver.admission.seen import Seen, Versions
from podwright.apiserver.registry.converting import settled
from podwright.apiserver.registry.core import Registry

JSON = dict[str, Any]
Key = tuple[str, str, str, str]
_AGAIN: Final = "IfNeeded"


class MutatingPolicy(Policy):
    """A policy that changes objects, compiled."""

    @cached_property
    def mutations(self) -> list[Mutation]:
        """Its changes, in order."""
        declared = self.declared(messages=changes())
        return [compile_mutation(source, declared) for source in self.spec.get("mutations") or ()]

    @property
    def acts_again(self) -> bool:
        """Whether it acts once more when others changed the object after it."""
        return self.spec.get("reinvocationPolicy") == _AGAIN


@dataclass(frozen=True, slots=True)
class _Problem:
    message: str
    reason: str


class MutatingPolicies(BaseDynamic):
    """See the module."""

    def __init__(self, registry: Registry, counts: PolicyCounts) -> None:
        self._counts = counts
        self._registry = registry
        self._versions = Versions(registry)
        self._index = Index(registry, self._versions, "mutating", MutatingPolicy)
        self._calls = Calls[MutatingPolicy](registry, self._versions)

    def concerns(self, attributes: Attributes) -> bool:
        """Tell whether there are policies for writes of this kind; what is deleted has no object to change."""
        return attributes.verb != "delete" and bool(self._index.relevant(attributes))

    async def mutate(self, attributes: Attributes) -> None:
        """Let all policies change the object. Raises ApiError when one fails."""
        problems: list[_Problem] = []
        time = TimeGiven()
        acted: set[Key] | None = attributes.memory.get(self) if attributes.again else None
        invoked: set[Key] = attributes.memory.setdefault(self, set())
        # Which policies are for this write is settled before the first of them changes it.
        policies = self._index.relevant(attributes)
        for call in await settled(lambda: [*self._calls.of(attributes, policies)]):
            if isinstance(call, Unready):
                self._counts.changed(call.policy.name, call.binding.name if call.binding else "", "invalid_error")
                if not call.policy.lenient:
                    problems.append(_Problem(_worded(call.policy, call.binding, call.why), "Forbidden"))
            elif acted is None or _key(call) in acted:
                wrong = await self._act(call, attributes, time, invoked)
                problems += [_Problem(_worded(call.policy, call.binding, why), "Invalid") for why in wrong]
        if problems:
            raise _refusal(attributes, problems)

    async def _act(
        self, call: Call[MutatingPolicy], attributes: Attributes, time: TimeGiven, invoked: set[Key]
    ) -> list[str]:
        """Make the changes of one policy; returns what went wrong and counts. Raises ApiError."""
        policy = call.policy
        problems: list[str] = []
        await self._versions.learn(attributes, call.resource)
        values, _ = self._given(call, attributes)
        try:
            if not policy.means(values):
                return []
        except ExpressionError as error:
            self._counts.changed(policy.name, call.binding.name, error.kind)
            return [] if policy.lenient else [str(error)]
        if policy.acts_again:
            invoked.add(_key(call))
        for mutation in policy.mutations:
            kind = NO_ERROR
            try:
                await self._change(mutation, call, attributes, time)
            except ExpressionError as error:
                kind = error.kind
                problems.append(str(error))
            self._counts.changed(policy.name, call.binding.name, kind)
            await time.share()
        return [] if policy.lenient else problems

    async def _change(
        self, mutation: Mutation, call: Call[MutatingPolicy], attributes: Attributes, time: TimeGiven
    ) -> None:
        """Make one change. Raises ExpressionError, ApiError."""
        await self._versions.learn(attributes, call.resource)
        values, seen = self._given(call, attributes)
        if seen.obj is None:
            return
        budget = new_budget(seconds=time.left)
        call.policy.begin(values, budget)
        form = self._versions.form(attributes, call.resource)
        target = Target(seen.obj, form, self._versions.shape(attributes, call.resource))
        made = mutation.changed(target, values, budget)
        found = await settled(lambda: self._versions.taken_back(attributes, seen, made))
        try:
            attributes.take(found)
        except ApiError as error:
            raise ExpressionError(error.message) from error

    def _given(self, call: Call[MutatingPolicy], attributes: Attributes) -> tuple[Given, Seen]:
        seen = self._versions.seen(attributes, call.resource)
        return given(attributes, seen, self._registry.authorizer).with_params(call.params), seen


def _key(call: Call[MutatingPolicy]) -> Key:
    metadata: JSON = (call.params or {}).get("metadata") or {}
    return call.policy.name, call.binding.name, metadata.get("namespace") or "", metadata.get("name") or ""


def _worded(policy: Policy, binding: Binding | None, why: str) -> str:
    by = f"policy '{policy.name}' with binding '{binding.name}'" if binding else f'policy "{policy.name}"'
    return f"{by} denied request: {why}"


def _refusal(attributes: Attributes, problems: list[_Problem]) -> ApiError:
    causes = [{"message": problem.message} for problem in problems]
    error = forbidden(attributes.resource.qualified, name_of(attributes), "", causes=causes)
    error.message, error.reason = problems[0].message, problems[0].reason
    error.args = (error.message,)
    return error
