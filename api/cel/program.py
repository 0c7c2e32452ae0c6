"""The engine's facade: an expression and what is declared become a Program, which is evaluated on JSON.

    declared = structural(schema)
    program = compile_expression("self.size <= self.max", Declarations({"self": declared}), expected=BOOL)
    program.evaluate({"self": document}, Budget())

A Program holds no state and may be used by many requests. Everything raised is a `CelError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from podwright.api.cel.checker import Checker
from podwright.api.cel.compiling import Compiler
from podwright.api.cel.costs import Range
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import CompileError, CostExceeded, EvaluationError, Issue
from podwright.api.cel.estimate import estimate
from podwright.api.cel.frame import PER_CALL_LIMIT, Budget, Frame
from podwright.api.cel.functions import Functions
from podwright.api.cel.library.standard import standard
from podwright.api.cel.literals import check_literals
from podwright.api.cel.nodes import Node
from podwright.api.cel.parser import MAX_DEPTH, parse
from podwright.api.cel.types import Type
from podwright.api.cel.values import Optional

_NO_MESSAGES: Final[Mapping[str, Declared]] = {}


@dataclass(frozen=True, slots=True)
class Declarations:
    """What an expression may name: variables, functions and the types of messages it may make."""

    variables: Mapping[str, Declared]
    functions: Functions = field(default_factory=standard)
    messages: Mapping[str, Declared] = field(default_factory=lambda: _NO_MESSAGES)


class Program:
    """A compiled expression.

    `type` is what it evaluates to, `uses` the declared variables it names, `cost` the least and the most it can cost.
    """

    __slots__ = ("_root", "_size", "_slots", "cost", "source", "type", "uses")

    def __init__(self, source: str, root: Node, used: frozenset[str], declarations: Declarations) -> None:
        compiler = Compiler()
        self.source = source
        self.type: Type = root.type
        self.uses = used
        self.cost: Range = estimate(root, declarations.variables)
        self._root = compiler.compile(root)
        self._slots = [(name, declarations.variables[name]) for name in compiler.slots]
        self._size = compiler.size

    def evaluate(self, bindings: Mapping[str, Any], budget: Budget, *, limit: int = PER_CALL_LIMIT) -> Any:
        """Return the expression's value; what it cost is taken from the budget, also when it fails.

        Bindings are JSON documents by variable; an optional variable that is not bound is none. Raises
        EvaluationError if there is no value, CostExceeded if it takes more than `limit` or too long.
        """
        slots = [_bound(name, declared, bindings) for name, declared in self._slots]
        slots.extend([None] * (self._size - len(slots)))
        frame = Frame(slots, limit, budget)
        try:
            found = self._root(frame)
        except RecursionError as error:
            msg = "expression is nested too deeply"
            raise EvaluationError(msg) from error
        finally:
            budget.remaining -= frame.cost
        if frame.cost > limit:
            raise CostExceeded
        return found


def compile_expression(source: str, declarations: Declarations) -> Program:
    """Return the program of an expression. Raises CompileError, whose text is the listing of what is wrong."""
    root = parse(source)
    checker = Checker(declarations.variables, declarations.functions, declarations.messages)
    try:
        checker.check(root)
        checker.finish(root)
        issues = checker.issues or check_literals(root)
        if not issues:
            return Program(source, root, frozenset(checker.used), declarations)
    except RecursionError as error:
        raise CompileError(source, [Issue(-1, f"expression recursion limit exceeded: {MAX_DEPTH}")]) from error
    raise CompileError(source, issues)


def _bound(name: str, declared: Declared, bindings: Mapping[str, Any]) -> Any:
    if name in bindings:
        return declared.value(bindings[name])
    if declared.type.name == "optional_type":
        return Optional(present=False)
    msg = f"no such attribute(s): {name}"
    raise EvaluationError(msg)
