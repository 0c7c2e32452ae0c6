"""The variables of a policy: named expressions that its others may use, each evaluated when it is first read.

A variable may use those before it. What one costs is taken from the budget of who reads it first; that it has no value
is remembered like a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podwright.api.cel.admission import declarations
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import CelError, EvaluationError
from podwright.api.cel.frame import Budget
from podwright.api.cel.values import Fields
from podwright.apiserver.admission.expression import Expression

JSON = dict[str, Any]


def compile_variables(variables: Sequence[JSON], params: Declared | None) -> dict[str, Expression]:
    """Compile the variables of a policy, by name; `params` is given where the policy has any."""
    found: dict[str, Expression] = {}
    for variable in variables:
        declared = declarations(types_of(found), params=params)
        found[variable.get("name") or ""] = Expression(variable.get("expression") or "", declared)
    return found


def types_of(variables: Mapping[str, Expression]) -> dict[str, Declared]:
    """What is declared of variables: the types of their expressions."""
    return {name: Declared(expression.type) for name, expression in variables.items()}


class Variables(Fields):
    """The values of one evaluation, as the fields of `variables`."""

    def __init__(self, expressions: Mapping[str, Expression], given: Mapping[str, Any], budget: Budget) -> None:
        self._expressions = expressions
        self._given = given
        self._budget = budget
        self._values: dict[str, Any] = {}
        self._failures: dict[str, str] = {}

    def get(self, name: str) -> Any:
        """Return the value of a variable. Raises EvaluationError, BudgetSpentError."""
        if name in self._values:
            return self._values[name]
        if name not in self._failures:
            try:
                self._values[name] = self._evaluate(name)
                return self._values[name]
            except EvaluationError as error:
                self._failures[name] = str(error)
        raise EvaluationError(self._failures[name])

    def has(self, name: str) -> bool:
        """Return whether there is such a variable."""
        return name in self._expressions

    def _evaluate(self, name: str) -> Any:
        expression = self._expressions[name]
        if expression.problem:
            msg = f'composited variable "{name}" fails to compile: {expression.problem}'
            raise EvaluationError(msg)
        try:
            return expression.raw_value(self._given, self._budget)
        except CelError as error:
            msg = f'composited variable "{name}" fails to evaluate: {error}'
            raise EvaluationError(msg) from error
