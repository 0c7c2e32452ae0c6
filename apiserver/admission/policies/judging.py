"""A policy that demands: what it finds in a write, and what it has noted of it.

Findings are worded as API clients know them. An expression that fails is a finding too, unless the policy is lenient.
It must never refuse a write itself: what a finding means is its binding's to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from podwright.api.cel.frame import Budget
from podwright.apiserver.admission.expression import BudgetSpentError, Expression, ExpressionError, new_budget
from podwright.apiserver.admission.given import Given
from podwright.apiserver.admission.policies.counting import NO_ERROR
from podwright.apiserver.admission.policies.policy import Policy
from podwright.apiserver.admission.policies.time_given import TimeGiven

JSON = dict[str, Any]
_LONGEST_MESSAGE: Final = 5 * 1024
_LONGEST_NOTE: Final = 10 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a write breaks. `index` is that of the rule among the policy's, `reason` one of the API's or "".

    `kind` is that of an error, where the rule could not be asked.
    """

    index: int
    message: str
    reason: str = ""
    kind: str = NO_ERROR


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy has to say: findings, notes by key, what went wrong with notes; kinds of errors it forgives."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    failures: tuple[Finding, ...] = ()
    forgiven: tuple[str, ...] = ()


class _Rule:
    """One validation, compiled."""

    def __init__(self, index: int, source: JSON, policy: Policy) -> None:
        text = source.get("messageExpression") or ""
        self.expression = Expression(source.get("expression") or "", policy.declared())
        self._message = Expression(text, policy.declared(authorizer=False)) if text.strip() else None
        self._plain: str = (source.get("message") or "").strip()
        self._reason: str = source.get("reason") or "Invalid"
        self.index = index

    def broken(self, given: Given, budget: Budget) -> Finding | None:
        """Ask the rule. Raises ExpressionError."""
        if self.expression.value(given, budget) is True:
            return None
        return Finding(self.index, self._worded(given, budget), self._reason)

    def _worded(self, given: Given, budget: Budget) -> str:
        made = self._made(given, budget)
        return made or self._plain or f"failed expression: {self.expression.source.strip()}"

    def _made(self, given: Given, budget: Budget) -> str:
        if self._message is None:
            return ""
        try:
            found = self._message.value(given, budget)
        except BudgetSpentError as error:
            msg = f"failed messageExpression: {error}"
            raise ExpressionError(msg, error.kind) from error
        except ExpressionError:
            return ""  # the plain message says it too
        text = found.strip() if isinstance(found, str) else ""
        return "" if len(text.encode()) > _LONGEST_MESSAGE or "\n" in text else text


class ValidatingPolicy(Policy):
    """A policy that demands, compiled."""

    @cached_property
    def _rules(self) -> list[_Rule]:
        return [_Rule(index, source, self) for index, source in enumerate(self.spec.get("validations") or ())]

    @cached_property
    def _notes(self) -> list[tuple[str, Expression]]:
        return [
            (note.get("key") or "", Expression((note.get("valueExpression") or "").strip(), self.declared()))
            for note in self.spec.get("auditAnnotations") or ()
        ]

    async def judge(self, given: Given, time: TimeGiven) -> Judgement:
        """Ask about a write, for no longer than there is time."""
        try:
            if not self.means(given):
                return Judgement()
            findings = await self._findings(given, time)
            notes, failures = await self._noted(given, time) if self._notes else ([], [])
        except ExpressionError as error:
            findings, notes, failures = [_failed(0, error)], [], []
        if not self.lenient:
            return Judgement(tuple(findings), tuple(notes), tuple(failures))
        forgiven = [finding.kind for finding in (*findings, *failures) if finding.kind != NO_ERROR]
        kept = [finding for finding in findings if finding.kind == NO_ERROR]
        return Judgement(tuple(kept), tuple(notes), forgiven=tuple(forgiven))

    async def _findings(self, given: Given, time: TimeGiven) -> list[Finding]:
        budget = new_budget(seconds=time.left)
        self.begin(given, budget)
        found: list[Finding] = []
        for rule in self._rules:
            try:
                broken = rule.broken(given, budget)
            except BudgetSpentError:
                raise
            except ExpressionError as error:
                broken = _failed(rule.index, error)
            if broken is not None:
                found.append(broken)
            await time.share()
        return found

    async def _noted(self, given: Given, time: TimeGiven) -> tuple[list[tuple[str, str]], list[Finding]]:
        budget = new_budget(seconds=time.left)
        self.begin(given, budget)
        notes: list[tuple[str, str]] = []
        failures: list[Finding] = []
        for key, expression in self._notes:
            try:
                found = expression.value(given, budget)
            except BudgetSpentError:
                raise
            except ExpressionError as error:
                failures.append(_failed(0, error))
                continue
            text = found.strip() if isinstance(found, str) else ""
            if text:
                notes.append((key, text.encode()[:_LONGEST_NOTE].decode(errors="ignore")))
            await time.share()
        return notes, failures


def _failed(index: int, error: ExpressionError) -> Finding:
    return Finding(index, str(error), kind=error.kind)


def joined(notes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The notes of one policy by all its bindings: values that differ stand side by side."""
    found: dict[str, dict[str, None]] = {}
    for key, value in notes:
        found.setdefault(key, {})[value] = None
    return {key: ", ".join(values) for key, values in found.items()}
