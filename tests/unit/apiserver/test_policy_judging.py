"""What a policy finds in a write, what it notes, and what it makes of expressions that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from podwright.api.cel.errors import EvaluationError
from podwright.apiserver.admission.expression import new_budget
from podwright.apiserver.admission.given import Given
from podwright.apiserver.admission.policies.judging import Finding, Judgement, ValidatingPolicy, joined
from podwright.apiserver.admission.policies.time_given import TimeGiven
from podwright.apiserver.admission.policies.variables import Variables, compile_variables

JSON = dict[str, Any]
OBJECT: JSON = {"metadata": {"name": "a"}, "n": 3}
MISSING = "object.nope == 1"
FAILURE = f"expression '{MISSING}' resulted in error: no such key: nope"
NUMBERS = ", ".join(str(number) for number in range(300))
COSTLY = f"[{NUMBERS}].all(a, [{NUMBERS}].all(b, a + b >= 0))"
SPENT = "validation failed due to running out of cost budget, no further validation rules will be run"


async def _judged(*rules: JSON | str, seconds: float = 5.0, **spec: Any) -> Judgement:
    validations = [{"expression": rule} if isinstance(rule, str) else rule for rule in rules]
    policy = ValidatingPolicy({"metadata": {"name": "p"}, "spec": {"validations": validations, **spec}})
    return await policy.judge(Given({"object": lambda: OBJECT, "params": lambda: None}), TimeGiven(seconds))


@pytest.mark.parametrize(
    ("judge", "wanted"),
    [
        pytest.param(lambda: _judged("object.n == 3"), [], id="fulfilled"),
        pytest.param(
            lambda: _judged("true", " object.n == 4 "), [Finding(1, "failed expression: object.n == 4", "Invalid")], id="broken"
        ),
        pytest.param(
            lambda: _judged({"expression": "false", "message": " no ", "reason": "Forbidden"}),
            [Finding(0, "no", "Forbidden")],
            id="message",
        ),
        pytest.param(
            lambda: _judged({"expression": "false", "message": "no", "messageExpression": "'n is ' + string(object.n)"}),
            [Finding(0, "n is 3", "Invalid")],
            id="message-expression",
        ),
        pytest.param(
            lambda: _judged({"expression": "false", "message": "no", "messageExpression": f"'{'x' * 5121}'"}),
            [Finding(0, "no", "Invalid")],
            id="message-too-long",
        ),
        pytest.param(
            lambda: _judged(MISSING, "false"),
            [Finding(0, FAILURE, kind="invalid_error"), Finding(1, "failed expression: false", "Invalid")],
            id="failure",
        ),
        pytest.param(lambda: _judged("false", matchConditions=[{"name": "n", "expression": "false"}]), [], id="not-meant"),
        pytest.param(
            lambda: _judged("true", matchConditions=[{"name": "n", "expression": MISSING}]),
            [Finding(0, FAILURE, kind="invalid_error")],
            id="unclear",
        ),
        pytest.param(
            lambda: _judged("variables.b == 6", variables=[
                {"name": "a", "expression": "object.n"}, {"name": "b", "expression": "variables.a * 2"}]),
            [],
            id="variables",
        ),
        pytest.param(lambda: _judged(*[COSTLY] * 40), [Finding(0, SPENT, kind="out_of_budget")], id="budget"),
        pytest.param(
            lambda: _judged(COSTLY, seconds=-1),
            [Finding(0, f"expression '{COSTLY}' resulted in error: operation cancelled: actual cost limit exceeded",
                     kind="invalid_error")],
            id="time",
        ),
        pytest.param(lambda: _judged("params == null", paramKind={"kind": "X"}), [], id="no-parameters"),
    ],
)  # fmt: skip
async def test_findings(judge: Callable[[], Awaitable[Judgement]], wanted: list[Finding]) -> None:
    assert list((await judge()).findings) == wanted


async def test_what_does_not_compile_is_a_failure_that_names_it() -> None:
    (finding,) = (await _judged("foo.bar")).findings
    assert finding.kind == "compile_error"
    assert finding.message.startswith("compilation error: compilation failed: ERROR: <input>:1:1: undeclared reference")


@pytest.mark.parametrize(
    ("rules", "spec", "forgiven"),
    [
        pytest.param([MISSING, MISSING], {}, ["invalid_error"] * 2, id="failures"),
        pytest.param(["true"], {"matchConditions": [{"name": "n", "expression": MISSING}]}, ["invalid_error"], id="unclear"),
        pytest.param([COSTLY] * 40, {}, ["out_of_budget"], id="budget"),
        pytest.param(["foo"], {}, ["compile_error"], id="grammar"),
        pytest.param([], {"auditAnnotations": [{"key": "k", "valueExpression": "string(object.nope)"}]},
                     ["invalid_error"], id="note"),
    ],
)  # fmt: skip
async def test_a_lenient_policy_forgives(rules: list[str], spec: JSON, forgiven: list[str]) -> None:
    assert await _judged(*rules, failurePolicy="Ignore", **spec) == Judgement(forgiven=tuple(forgiven))


async def test_a_lenient_policy_still_finds_what_is_broken() -> None:
    judgement = await _judged(MISSING, "false", failurePolicy="Ignore")
    assert judgement.findings == (Finding(1, "failed expression: false", "Invalid"),)


@pytest.mark.parametrize(
    ("expression", "notes", "failures"),
    [
        pytest.param("' x '", [("k", "x")], 0, id="text"),
        pytest.param("null", [], 0, id="null"),
        pytest.param("' '", [], 0, id="blank"),
        pytest.param(f"'{'é' * 6000}'", [("k", "é" * 5120)], 0, id="long"),
        pytest.param("string(object.nope)", [], 1, id="failure"),
    ],
)
async def test_notes(expression: str, notes: list[tuple[str, str]], failures: int) -> None:
    judgement = await _judged("true", auditAnnotations=[{"key": "k", "valueExpression": expression}])
    assert (list(judgement.notes), len(judgement.failures)) == (notes, failures)


def test_notes_of_several_bindings_stand_side_by_side() -> None:
    assert joined([("a", "1"), ("b", "x"), ("a", "2"), ("a", "1")]) == {"a": "1, 2", "b": "x"}


def test_a_variable_is_evaluated_once() -> None:
    expressions = compile_variables(
        [{"name": "sum", "expression": COSTLY}, {"name": "bad", "expression": MISSING}], None
    )
    budget = new_budget()
    variables = Variables(expressions, {"object": OBJECT}, budget)
    assert variables.get("sum") is True
    left = budget.remaining
    assert variables.get("sum") is True
    for _ in range(2):
        with pytest.raises(EvaluationError) as caught:
            variables.get("bad")
        assert str(caught.value) == 'composited variable "bad" fails to evaluate: no such key: nope'
    assert 0 <= left - budget.remaining < 10
    assert (variables.has("sum"), variables.has("none")) == (True, False)


async def test_others_get_their_turn_between_rules() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await _judged(*[COSTLY] * 12)
    task.cancel()
    assert turns >= 2
