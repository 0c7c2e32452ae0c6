"""What both kinds of policies have: which writes they are for, their variables, their parameters, what a failure means.

Compiled once for a generation of the policy, its expressions when a write first needs them. It must never hold anything
of a write.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from podwright.api.cel.admission import declarations
from podwright.api.cel.declared import Declared
from podwright.api.cel.frame import Budget
from podwright.api.cel.program import Declarations
from podwright.api.cel.schema_types import untyped
from podwright.apiserver.admission.conditions import Conditions
from podwright.apiserver.admission.expression import Expression
from podwright.apiserver.admission.given import Given
from podwright.apiserver.admission.policies.variables import Variables, compile_variables, types_of
from podwright.apiserver.admission.rule_matching import Matching

JSON = dict[str, Any]
_IGNORE: Final = "Ignore"


class Policy:
    """One policy, compiled."""

    def __init__(self, obj: JSON) -> None:
        self.name: str = obj["metadata"]["name"]
        self.spec: JSON = obj.get("spec") or {}
        self.matching = Matching(self.spec.get("matchConstraints") or {})
        self.param_kind: JSON | None = self.spec.get("paramKind")
        self.lenient = self.spec.get("failurePolicy") == _IGNORE
        """What cannot be evaluated lets the write pass."""

    @property
    def _params(self) -> Declared | None:
        return None if self.param_kind is None else untyped()

    @cached_property
    def _variables(self) -> dict[str, Expression]:
        return compile_variables(self.spec.get("variables") or (), self._params)

    def declared(self, *, authorizer: bool = True, messages: Mapping[str, Declared] | None = None) -> Declarations:
        """What the policy's expressions may name; `messages` are the types of what they make."""
        return declarations(types_of(self._variables), params=self._params, authorizer=authorizer, messages=messages)

    @cached_property
    def _conditions(self) -> Conditions | None:
        conditions = self.spec.get("matchConditions")
        return Conditions(conditions, self.declared()) if conditions else None

    def means(self, given: Given) -> bool:
        """Tell whether a write is meant. Raises ExpressionError when that cannot be told."""
        return self._conditions is None or self._conditions.hold(given)

    def begin(self, given: Given, budget: Budget) -> None:
        """Give the variables to the expressions that are evaluated from now on, within this budget."""
        given.put("variables", Variables(self._variables, given, budget))


class Binding:
    """Puts a policy into force, for some of its writes and with some parameters."""

    def __init__(self, obj: JSON) -> None:
        spec: JSON = obj.get("spec") or {}
        self.name: str = obj["metadata"]["name"]
        self.policy: str = spec.get("policyName") or ""
        self.param_ref: JSON | None = spec.get("paramRef")
        self.actions: tuple[str, ...] = tuple(spec.get("validationActions") or ())
        match = spec.get("matchResources")
        self.matching = None if match is None else Matching(match)
