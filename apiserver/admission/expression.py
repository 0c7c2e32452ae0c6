"""One expression of a webhook or a policy: compiled when it is first needed, and asked within a budget.

A stored expression may not compile (another version accepted it): then it says so when it is asked. It must never be
kept longer than the configuration that it comes from.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from podwright.api.cel.errors import CelError, CompileError
from podwright.api.cel.frame import REQUEST_LIMIT, Budget
from podwright.api.cel.program import Declarations, Program, compile_expression
from podwright.api.cel.types import DYN, Type

CONDITIONS_LIMIT: Final = REQUEST_LIMIT // 4
"""What the conditions of one configuration may cost together."""


class ExpressionError(Exception):
    """An expression has no value; the text says why. `kind` is compile_error, out_of_budget or invalid_error."""

    def __init__(self, text: str, kind: str = "invalid_error") -> None:
        super().__init__(text)
        self.kind = kind


class BudgetSpentError(ExpressionError):
    """No further expression may be asked."""

    def __init__(self) -> None:
        text = "validation failed due to running out of cost budget, no further validation rules will be run"
        super().__init__(text, "out_of_budget")


def new_budget(limit: int = REQUEST_LIMIT, *, seconds: float = 5.0) -> Budget:
    """What the expressions of one configuration may cost about one write; they must not hold everybody up either."""
    return Budget(limit, seconds=seconds, clock=time.monotonic)


class Expression:
    """An expression, compiled."""

    __slots__ = ("_problem", "_program", "source")

    def __init__(self, source: str, declarations: Declarations) -> None:
        self.source = source
        self._problem = ""
        self._program: Program | None = None
        try:
            self._program = compile_expression(source, declarations)
        except CompileError as error:
            self._problem = f"compilation failed: {error}"

    @property
    def type(self) -> Type:
        """What it evaluates to."""
        return DYN if self._program is None else self._program.type

    @property
    def problem(self) -> str:
        """Why it does not compile, or ""."""
        return self._problem

    def value(self, given: Mapping[str, Any], budget: Budget) -> Any:
        """Return its value. Raises ExpressionError, BudgetSpentError."""
        if self._program is None:
            msg = f"compilation error: {self._problem}"
            raise ExpressionError(msg, "compile_error")
        if budget.remaining <= 0:
            raise BudgetSpentError
        try:
            return self.raw_value(given, budget)
        except CelError as error:
            if budget.remaining < 0:
                raise BudgetSpentError from error
            msg = f"expression '{self.source}' resulted in error: {error}"
            raise ExpressionError(msg) from error

    def raw_value(self, given: Mapping[str, Any], budget: Budget) -> Any:
        """Return its value, as a part of another expression. Raises CelError, BudgetSpentError."""
        assert self._program is not None, "what does not compile has no value"
        found = self._program.evaluate(given, budget)
        if budget.remaining < 0:
            raise BudgetSpentError
        return found
