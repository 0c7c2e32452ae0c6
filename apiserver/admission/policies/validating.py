"""ValidatingAdmissionPolicies at work: the part of admission that asks them, and does what their bindings say.

    Deny   the write is refused with the first finding
    Warn   the client is told
    Audit  it is noted of the request

All policies are asked, also when one has refused already: what they note is noted of refused writes too.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from podwright.api.errors import ApiError, forbidden
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.dynamic import BaseDynamic
from podwright.apiserver.admission.given import Given, given
from podwright.apiserver.admission.policies.calls import Call, Calls, Unready
from podwright.apiserver.admission.policies.counting import PolicyCounts
from podwright.apiserver.admission.policies.index import Index
from podwright.apiserver.admission.policies.judging import Finding, Judgement, ValidatingPolicy, joined
from podwright.apiserver.admission.policies.time_given import TimeGiven
from podwright.apiserver.admission.policies.wording import name_of
from podwright.apiserver.admission.rule_matching import Gvr
from podwright.apiserver.admission.seen import Versions
from podwright.apiserver.registry.converting import settled
from podwright.apiserver.registry.core import Registry

JSON = dict[str, Any]
_NOTED: Final = "validation.policy.admission.k8s.io/validation_failure"
_MOST_NOTED: Final = 50
_CODES: Final = {"Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413}


class ValidatingPolicies(BaseDynamic):
    """See the module."""

    def __init__(self, registry: Registry, counts: PolicyCounts) -> None:
        self._counts = counts
        self._registry = registry
        self._versions = Versions(registry)
        self._index = Index(registry, self._versions, "validating", ValidatingPolicy)
        self._calls = Calls[ValidatingPolicy](registry, self._versions)

    def concerns(self, attributes: Attributes) -> bool:
        """Tell whether there are policies for writes of this kind."""
        return bool(self._index.relevant(attributes))

    async def validate(self, attributes: Attributes) -> None:
        """Ask all policies. Raises ApiError with the first refusal."""
        outcome = _Outcome(attributes, self._counts)
        time = TimeGiven()
        known: dict[Gvr, Given] = {}
        policies = self._index.relevant(attributes)
        for call in await settled(lambda: [*self._calls.of(attributes, policies)]):
            if isinstance(call, Unready):
                outcome.miss(call)
                continue
            base = known.get(call.resource)
            if base is None:
                await self._versions.learn(attributes, call.resource)
                seen = self._versions.seen(attributes, call.resource)
                base = known[call.resource] = given(attributes, seen, self._registry.authorizer)
            outcome.take(call, await call.policy.judge(base.with_params(call.params), time))
        outcome.finish()


class _Outcome:
    """What all policies together have to say about one write."""

    def __init__(self, attributes: Attributes, counts: PolicyCounts) -> None:
        self._attributes = attributes
        self._counts = counts
        self._refusal: ApiError | None = None
        self._noted: list[JSON] = []
        self._notes: dict[str, list[tuple[str, str]]] = {}

    def take(self, call: Call[ValidatingPolicy], judgement: Judgement) -> None:
        """Do with each finding what the binding says."""
        policy, binding = call.policy.name, call.binding
        for finding in judgement.findings:
            for action in binding.actions:
                self._counts.found(policy, binding.name, finding.kind, action.lower())
            if "Deny" in binding.actions:
                self.refuse(policy, binding.name, finding)
            if "Warn" in binding.actions:
                about = f"Validation failed for ValidatingAdmissionPolicy '{policy}' with binding '{binding.name}'"
                self._attributes.warnings.append(f"{about}: {finding.message}")
            if "Audit" in binding.actions:
                self._noted.append({
                    "message": finding.message,
                    "policy": policy,
                    "binding": binding.name,
                    "expressionIndex": finding.index,
                    "validationActions": binding.actions,
                })  # fmt: skip
        for failure in judgement.failures:
            self._counts.found(policy, binding.name, failure.kind, "deny")
            self.refuse(policy, binding.name, failure)
        for kind in judgement.forgiven:
            self._counts.found(policy, binding.name, kind, "allow")
        self._notes.setdefault(policy, []).extend(judgement.notes)

    def miss(self, call: Unready[ValidatingPolicy]) -> None:
        """Take note of a policy that cannot be asked."""
        policy, binding = call.policy, call.binding.name if call.binding is not None else ""
        self._counts.found(policy.name, binding, "invalid_error", "allow" if policy.lenient else "deny")
        if not policy.lenient:
            self.refuse(policy.name, binding, Finding(0, call.why))

    def refuse(self, policy: str, binding: str, finding: Finding) -> None:
        """Remember the first refusal."""
        if self._refusal is not None:
            return
        by = f"'{policy}' with binding '{binding}'" if binding else f"'{policy}'"
        message = f"ValidatingAdmissionPolicy {by} denied request: {finding.message}"
        reason = finding.reason or "Invalid"
        error = forbidden(
            self._attributes.resource.qualified, name_of(self._attributes), message, causes=[{"message": message}]
        )
        error.code, error.reason = _CODES.get(reason, 422), reason
        self._refusal = error

    def finish(self) -> None:
        """Note what is to be noted. Raises the refusal, if there is one."""
        annotations = self._attributes.annotations
        for policy, notes in self._notes.items():
            annotations |= {f"{policy}/{key}": value for key, value in joined(notes).items()}
        if self._noted:
            annotations[_NOTED] = orjson.dumps(self._noted[:_MOST_NOTED]).decode()
        if self._refusal is not None:
            raise self._refusal
