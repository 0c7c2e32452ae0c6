"""One rule of a schema as a program, and what it finds in a value.

A finding is worded as API clients know it: by the rule's own message where it has one. Evaluation has a budget that all
rules of a request share; when it is used up, no further rule is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from podwright.api import field_errors
from podwright.api.cel import types
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import CelError, CompileError, CostExceeded
from podwright.api.cel.frame import Budget
from podwright.api.cel.program import Declarations, Program, compile_expression
from podwright.api.cel.schema_types import optional
from podwright.api.field_errors import FieldError
from podwright.api.quoting import quote

JSON = dict[str, Any]
_LONGEST_MESSAGE: Final = 5 * 1024
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\['((?:\\.|[^'\\])*)'\]")
OUT_OF_BUDGET: Final = "validation failed due to running out of cost budget, no further validation rules will be run"


class BudgetSpentError(Exception):
    """No further rule may be asked; the finding that says so."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error.detail)
        self.error = error


class RuleError(ValueError):
    """A rule cannot be compiled; `expression` is "rule" or "messageExpression"."""

    def __init__(self, expression: str, text: str) -> None:
        super().__init__(text)
        self.expression = expression


@dataclass(frozen=True, slots=True)
class BareError(FieldError):
    """A finding that does not show the value it is about."""

    def body(self) -> str:
        """Return the message without the path."""
        words = FieldError("Required" if self.type == "Required" else self.type, "", "", "").body()
        words = words.removesuffix(": " + quote(""))
        return f"{words}: {self.detail}" if self.detail else words


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. `field` is what its findings are about, below the value."""

    source: JSON
    program: Program
    message: Program | None
    field: str
    optional_old: bool

    @property
    def uses_old(self) -> bool:
        """Whether it is about a change."""
        return "oldSelf" in self.program.uses

    @property
    def text(self) -> str:
        """How it is called in findings."""
        return ((self.source.get("message") or "").strip()) or (self.source.get("rule") or "").strip()


def compile_rule(source: JSON, declared: Declared) -> Rule | None:
    """Compile a rule about values of a declared type; None for an empty one. Raises RuleError."""
    text = source.get("rule") or ""
    if not text.strip():
        return None
    optional_old = bool(source.get("optionalOldSelf"))
    old = optional(declared) if optional_old else declared
    declarations = Declarations({"self": declared, "oldSelf": old})
    program = _compile(
        "rule", text, declarations, types.BOOL, "compilation failed: ", "cel expression must evaluate to a bool"
    )
    expression, message = source.get("messageExpression") or "", None
    if expression:
        message = _compile(
            "messageExpression", expression, declarations, types.STRING, "messageExpression compilation failed: ",
            "messageExpression must evaluate to a string",
        )  # fmt: skip
    return Rule(source, program, message, normal_path(source.get("fieldPath") or ""), optional_old)


def _compile(
    what: str, text: str, declarations: Declarations, wanted: types.Type, failed: str, another: str
) -> Program:
    try:
        program = compile_expression(text, declarations)
    except CompileError as error:
        raise RuleError(what, f"{failed}{error}") from error
    if program.type != wanted:
        raise RuleError(what, another)
    return program


def normal_path(path: str) -> str:
    """A field path as findings show it: `spec.a[key]`."""
    found = ""
    for step in _STEP.finditer(path):
        name = step[1] if step[1] is not None else re.sub(r"\\(.)", r"\1", step[2])
        found = f"{found}.{name}" if found else name
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule has to say: that the value is not right (`judged`), or that it cannot tell."""

    error: FieldError
    judged: bool = True


def evaluate(rule: Rule, kind: str, path: str, bindings: JSON, budget: Budget) -> Found | None:
    """Ask a rule about a value of type `kind` at `path`; its finding, if it has one. Raises BudgetSpentError."""
    if rule.uses_old and "oldSelf" not in bindings and not rule.optional_old:
        return None
    if budget.remaining <= 0:
        raise BudgetSpentError(field_errors.invalid(path, kind, OUT_OF_BUDGET))
    try:
        held = rule.program.evaluate(bindings, budget)
    except CostExceeded as error:
        detail = (
            f"'{error}': no further validation rules will be run due to call cost exceeds limit for rule: {rule.text}"
        )
        raise BudgetSpentError(field_errors.invalid(path, kind, detail)) from error
    except CelError as error:
        if budget.remaining < 0:
            raise BudgetSpentError(field_errors.invalid(path, kind, OUT_OF_BUDGET)) from error
        return Found(field_errors.invalid(path, kind, _failure(str(error), rule.text)), judged=False)
    if budget.remaining < 0:
        raise BudgetSpentError(field_errors.invalid(path, kind, OUT_OF_BUDGET))
    if held is True:
        return None
    where = f"{path}.{rule.field}" if path and rule.field else rule.field or path
    return Found(_finding(rule, kind, where, bindings["self"], _detail(rule, bindings, budget)))


def _failure(why: str, text: str) -> str:
    if why.startswith("no such overload"):
        return (
            f"'{why}': call arguments did not match a supported operator, function or macro signature for rule: {text}"
        )
    return f"{why} evaluating rule: {text}"


def _detail(rule: Rule, bindings: JSON, budget: Budget) -> str:
    if rule.message is not None:
        try:
            text = rule.message.evaluate(bindings, budget)
        except CelError:
            text = ""  # the plain message says it too
        text = text.strip() if isinstance(text, str) else ""
        if text and len(text.encode()) <= _LONGEST_MESSAGE and "\n" not in text:
            return text
    plain = (rule.source.get("message") or "").strip()
    return plain or f"failed rule: {rule.text}"


def _finding(rule: Rule, kind: str, path: str, value: Any, detail: str) -> FieldError:
    reason = rule.source.get("reason")
    if reason == "FieldValueForbidden":
        return field_errors.forbidden(path, detail)
    if reason == "FieldValueRequired":
        return field_errors.required(path, detail)
    bare = kind in {"object", "array"}
    if reason == "FieldValueDuplicate":
        return BareError("Duplicate", path, None, "") if bare else field_errors.duplicate(path, value)
    return BareError("Invalid", path, None, detail) if bare else field_errors.invalid(path, value, detail)
