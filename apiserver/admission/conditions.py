"""The match conditions of a webhook or a policy: expressions that must all be true for a write to be meant.

One that is false decides, whatever is wrong with the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from podwright.api.cel.program import Declarations
from podwright.apiserver.admission.expression import (
    CONDITIONS_LIMIT,
    BudgetSpentError,
    Expression,
    ExpressionError,
    new_budget,
)

JSON = dict[str, Any]


class Conditions:
    """The conditions of one configuration."""

    def __init__(self, conditions: Iterable[JSON], declarations: Declarations) -> None:
        self._conditions = [Expression((c.get("expression") or "").strip(), declarations) for c in conditions]

    def hold(self, given: Mapping[str, Any]) -> bool:
        """Tell whether a write is meant. Raises ExpressionError when that cannot be told."""
        budget = new_budget(CONDITIONS_LIMIT)
        problems: dict[str, None] = {}
        for condition in self._conditions:
            try:
                found = condition.value(given, budget)
            except BudgetSpentError:
                raise
            except ExpressionError as error:
                problems[str(error)] = None
                continue
            if found is False:
                return False
        if problems:
            texts = list(problems)
            raise ExpressionError(texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]")
        return True
