"""Match conditions: what holds, what does not, and what cannot be told."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.cel.admission import declarations
from podwright.apiserver.admission.conditions import Conditions
from podwright.apiserver.admission.expression import BudgetSpentError, Expression, ExpressionError, new_budget

OBJECT: dict[str, Any] = {"metadata": {"name": "a"}, "n": 3}
MISSING = "object.nope == 1"
OTHER = "object.gone == 1"
COSTLY = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 0].all(a, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].all(b, a != b || true))"


def _hold(*expressions: str) -> bool:
    conditions = [{"name": f"n{i}", "expression": expression} for i, expression in enumerate(expressions)]
    return Conditions(conditions, declarations()).hold({"object": OBJECT})


@pytest.mark.parametrize(
    ("expressions", "wanted"),
    [
        pytest.param([], True, id="none"),
        pytest.param(["object.n == 3", "object.metadata.name == 'a'"], True, id="all"),
        pytest.param(["object.n == 3", "object.n == 4"], False, id="one-does-not"),
        pytest.param([MISSING, "object.n == 4"], False, id="one-does-not-another-fails"),
        pytest.param([" object.n == 3 "], True, id="blanks"),
    ],
)
def test_conditions(expressions: list[str], wanted: bool) -> None:
    assert _hold(*expressions) is wanted


@pytest.mark.parametrize(
    ("expressions", "message"),
    [
        pytest.param([MISSING], f"expression '{MISSING}' resulted in error: no such key: nope", id="one"),
        pytest.param(
            ["true", MISSING, OTHER, MISSING],
            f"[expression '{MISSING}' resulted in error: no such key: nope, "
            f"expression '{OTHER}' resulted in error: no such key: gone]",
            id="two",
        ),
    ],
)
def test_what_cannot_be_told(expressions: list[str], message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        _hold(*expressions)
    assert str(caught.value) == message


def test_what_does_not_compile_says_so_when_it_is_asked() -> None:
    with pytest.raises(ExpressionError, match="compilation error: compilation failed: ERROR: <input>:1:1: undeclared"):
        _hold("foo == 1")


def test_a_budget_that_is_used_up_stops_everything() -> None:
    expression = Expression(COSTLY, declarations())
    budget = new_budget(1000)
    assert expression.value({}, budget) is True
    with pytest.raises(BudgetSpentError, match="running out of cost budget"):
        expression.value({}, budget)
    with pytest.raises(BudgetSpentError):
        Expression("true", declarations()).value({}, budget)


def test_one_expression_may_not_cost_everything() -> None:
    many = "'" + "x" * 400 + "'"
    deep = f"{many}.split('').all(a, {many}.split('').all(b, {many}.split('').all(c, a == b && b == c)))"
    with pytest.raises(ExpressionError, match="resulted in error: operation cancelled: actual cost limit exceeded"):
        Expression(deep, declarations()).value({}, new_budget())


def test_the_clock_stops_what_costs_little_but_takes_long() -> None:
    text = "'" + "x" * 400 + "'"
    loop = f"{text}.split('').all(a, {text}.split('').all(b, a == b))"
    with pytest.raises(ExpressionError, match="operation cancelled"):
        Expression(loop, declarations()).value({}, new_budget(seconds=-1))
