"""What can go wrong with an expression.

    CelError
      CompileError      the text is no expression, or its types do not fit; str() is the well-known listing
      EvaluationError   a key is missing, a number overflows, ...; `&&`, `||`, all and exists may absorb it
      CostExceeded      evaluation used up its budget; nothing absorbs it

Retrying with the same input gives the same error in every case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_MAX_ISSUES: Final = 100
_MAX_SNIPPET: Final = 16384


class CelError(Exception):
    """The base of every error of this package."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding in the text of an expression; `offset` counts characters, -1 is nowhere."""

    offset: int
    message: str


class CompileError(CelError):
    """An expression cannot be compiled; `issues` are in the order of the text."""

    def __init__(self, source: str, issues: Iterable[Issue]) -> None:
        self.issues = tuple(sorted(issues, key=lambda issue: issue.offset))
        super().__init__(_listing(source, self.issues))


class EvaluationError(CelError):
    """An expression has no value for these bindings."""


class CostExceeded(CelError):
    """An expression cost more than it may."""

    def __init__(self) -> None:
        super().__init__("operation cancelled: actual cost limit exceeded")


def no_such_overload() -> EvaluationError:
    """Return the error for arguments that no implementation takes."""
    return EvaluationError("no such overload")


def no_such_key(key: object) -> EvaluationError:
    """Return the error for a key or field that is not there."""
    shown = str(key).lower() if isinstance(key, bool) else key
    return EvaluationError(f"no such key: {shown}")


def _listing(source: str, issues: tuple[Issue, ...]) -> str:
    lines = source.split("\n")
    starts: list[int] = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    shown = [_display(issue, lines, starts) for issue in issues[:_MAX_ISSUES]]
    if len(issues) > _MAX_ISSUES:
        shown.append(f"{len(issues) - _MAX_ISSUES} more errors were truncated")
    return "\n".join(shown)


def _display(issue: Issue, lines: list[str], starts: list[int]) -> str:
    if issue.offset < 0:
        return f"ERROR: <input>:-1:0: {issue.message}"
    row = max(index for index, start in enumerate(starts) if start <= issue.offset)
    column = issue.offset - starts[row]
    head = f"ERROR: <input>:{row + 1}:{column + 1}: {issue.message}"
    snippet = lines[row].replace("\t", " ")
    if len(snippet) > _MAX_SNIPPET:
        return head
    dots = "".join("." if character < "\x80" else "\uff0e" for character in snippet[:column])
    wide = column < len(snippet) and snippet[column] >= "\x80"
    pointer = "\uff3e" if wide else "^"
    return f"{head}\n | {snippet}\n | {dots}{pointer}"
