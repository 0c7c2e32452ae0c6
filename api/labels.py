"""Label selectors: parsed once, matched millions of times.

    a=b  a==b  a!=b  a in (b,c)  a notin (b,c)  a  !a  a>5  a<5      joined by commas, all must hold

Two written forms lead here: the string of a query and the LabelSelector object of a spec. A selector is a value;
it must never look anything up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.quoting import quote

_TOKEN = re.compile(r"[ \t\r\n]*(?:(?P<symbol>==|!=|[=!(),<>])|(?P<word>[^ \t\r\n=!(),<>]+))")
_BLANK = " \t\r\n"
_OPERATORS = frozenset(("in", "notin", "=", "==", "!=", "gt", "lt", ">", "<"))
_OPERATOR_LIST = "in, notin, =, ==, !=, gt, lt"
_NUMERIC = {"gt": ">", "lt": "<", ">": ">", "<": "<"}
_FROM_OBJECT: Final = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


class SelectorError(ValueError):
    """A selector cannot be understood. Retrying cannot help."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition. `operator`: = == != in notin exists ! > <. Values are sorted."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether a set of labels fulfils it."""
        value = labels.get(self.key)
        match self.operator:
            case "=" | "==" | "in":
                return value is not None and value in self.values
            case "!=" | "notin":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
            case _:
                number = None if value is None else _number(value)
                if number is None:
                    return False
                limit = int(self.values[0])
                return number > limit if self.operator == ">" else number < limit

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "in" | "notin":
                return f"{self.key} {self.operator} ({','.join(self.values)})"
            case _:
                return f"{self.key}{self.operator}{self.values[0]}"


class Selector:
    """All of its requirements must hold; one without any matches everything, `Selector.nothing()` nothing."""

    __slots__ = ("_equal", "_nothing", "_others", "requirements")

    def __init__(self, requirements: Iterable[Requirement] = (), *, nothing: bool = False) -> None:
        self.requirements: tuple[Requirement, ...] = tuple(sorted(requirements, key=lambda r: r.key))
        self._nothing = nothing
        # Plain equality is by far the most common condition: compare those without a call each.
        self._equal = tuple((r.key, r.values[0]) for r in self.requirements if r.operator in ("=", "=="))
        self._others = tuple(r for r in self.requirements if r.operator not in ("=", "=="))

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read the query form. Raises SelectorError with a message fit for a 400."""
        return _parse(text)

    @classmethod
    def everything(cls) -> Selector:
        """The selector that every object matches."""
        return cls()

    @classmethod
    def nothing(cls) -> Selector:
        """The selector that no object matches."""
        return cls(nothing=True)

    @classmethod
    def from_map(cls, labels: Mapping[str, str] | None) -> Selector:
        """Read a plain map (a Service's selector): each pair must be there. None or empty matches everything."""
        return cls(Requirement(key, "=", (value,)) for key, value in (labels or {}).items())

    @classmethod
    def from_label_selector(cls, selector: Any) -> Selector:
        """Read a LabelSelector, as a dict or as its class. None matches nothing, an empty one everything.

        Raises SelectorError.
        """
        if selector is None:
            return cls.nothing()
        if isinstance(selector, Mapping):
            pairs, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
        else:
            pairs, expressions = selector.match_labels, selector.match_expressions
        found = [Requirement(key, "=", (value,)) for key, value in (pairs or {}).items()]
        found += [_from_expression(expression) for expression in expressions or ()]
        for requirement in found:
            _check_key(requirement.key)
            _check_values(requirement)
        return cls(found)

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Tell whether a set of labels (None: no labels) fulfils every requirement."""
        if self._nothing:
            return False
        labels = labels or {}
        for key, value in self._equal:
            if labels.get(key) != value:
                return False
        return all(requirement.matches(labels) for requirement in self._others)

    @property
    def empty(self) -> bool:
        """Whether everything matches."""
        return not self.requirements and not self._nothing

    def exact(self, key: str) -> str | None:
        """Return the only value that `key` may have, if the selector demands one (to look it up in an index)."""
        return next((value for name, value in self._equal if name == key), None)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Selector) and self.requirements == other.requirements and self._nothing == other._nothing
        )

    def __hash__(self) -> int:
        return hash((self.requirements, self._nothing))

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))

    def __repr__(self) -> str:
        return "Selector.nothing()" if self._nothing else f"Selector.parse({str(self)!r})"


@lru_cache(maxsize=1024)
def _parse(text: str) -> Selector:
    return Selector(_Parser(text).parse())


class _Parser:
    """Recursive descent over pieces; `in` and `notin` are words wherever a value may stand."""

    def __init__(self, text: str) -> None:
        self._pieces = _pieces(text)
        self._at = 0

    def parse(self) -> list[Requirement]:
        found: list[Requirement] = []
        while True:
            piece = self._peek()
            if not piece:
                return found
            if piece != "!" and not _is_word(piece):
                msg = f"found '{piece}', expected: !, identifier, or 'end of string'"
                raise SelectorError(msg)
            try:
                found.append(self._requirement())
            except SelectorError as error:
                msg = f"unable to parse requirement: {error}"
                raise SelectorError(msg) from error
            piece = self._next()
            if not piece:
                return found
            if piece != ",":
                msg = f"found '{piece}', expected: ',' or 'end of string'"
                raise SelectorError(msg)
            piece = self._peek()
            if piece != "!" and not _is_word(piece):
                msg = f"found '{piece}', expected: identifier after ','"
                raise SelectorError(msg)

    def _peek(self) -> str:
        return self._pieces[self._at]

    def _next(self) -> str:
        piece = self._pieces[self._at]
        if piece:
            self._at += 1
        return piece

    def _requirement(self) -> Requirement:
        absent = self._peek() == "!"
        if absent:
            self._next()
        key = self._next()
        if not _is_word(key):
            msg = f"found '{key}', expected: identifier"
            raise SelectorError(msg)
        _check_key(key)
        if absent:
            return Requirement(key, "!")
        if self._peek() in ("", ","):
            return Requirement(key, "exists")
        operator = self._next()
        if operator not in _OPERATORS:
            msg = f"found '{operator}', expected: {_OPERATOR_LIST}"
            raise SelectorError(msg)
        operator = _NUMERIC.get(operator, operator)
        values = self._set() if operator in ("in", "notin") else self._value()
        requirement = Requirement(key, operator, values)
        _check_values(requirement)
        return requirement

    def _value(self) -> tuple[str, ...]:
        if self._peek() in ("", ","):
            return ("",)
        piece = self._next()
        if not _is_word(piece):
            msg = f"found '{piece}', expected: identifier"
            raise SelectorError(msg)
        return (piece,)

    def _set(self) -> tuple[str, ...]:
        piece = self._next()
        if piece != "(":
            msg = f"found '{piece}' expected: '('"
            raise SelectorError(msg)
        values: set[str] = set()
        value, wanted = "", "',', ')' or identifier"
        while True:  # an empty place between commas is the empty value
            piece = self._next()
            if _is_word(piece):
                value = piece
                piece = self._next()
                if piece not in (",", ")"):
                    msg = f"found '{piece}', expected: ',' or ')'"
                    raise SelectorError(msg)
            elif piece not in (",", ")"):
                msg = f"found '{piece}', expected: {wanted}"
                raise SelectorError(msg)
            values.add(value)
            value, wanted = "", "',', or identifier"
            if piece == ")":
                return tuple(sorted(values))


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    at, text = 0, text.rstrip(_BLANK)
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None, "every character is part of a symbol or a word"
        pieces.append(found["symbol"] or found["word"])
        at = found.end()
    pieces.append("")
    return pieces


def _is_word(token: str) -> bool:
    return bool(token) and token[0] not in "=!(),<>"


def _from_expression(expression: Any) -> Requirement:
    if isinstance(expression, Mapping):
        key, operator, values = expression.get("key", ""), expression.get("operator", ""), expression.get("values")
    else:
        key, operator, values = expression.key, expression.operator, expression.values
    known = _FROM_OBJECT.get(operator)
    if known is None:
        msg = f"{quote(operator)} is not a valid label selector operator"
        raise SelectorError(msg)
    return Requirement(key, known, tuple(sorted(set(values or ()))))


def _check_key(key: str) -> None:
    problems = names.qualified_name(key)
    if problems:
        raise SelectorError(field_errors.invalid("", key, "; ".join(problems)).text())


def _check_values(requirement: Requirement) -> None:
    values = requirement.values
    errors: list[FieldError] = []
    match requirement.operator:
        case "in" | "notin":
            if not values:
                errors.append(
                    field_errors.invalid("values", None, "for 'in', 'notin' operators, values set can't be empty")
                )
        case "exists" | "!":
            if values:
                errors.append(
                    field_errors.invalid(
                        "values", list(values), "values set must be empty for exists and does not exist"
                    )
                )
        case ">" | "<":
            if _number(values[0]) is None:
                errors.append(
                    field_errors.invalid(
                        "values[0]", values[0], "for 'Gt', 'Lt' operators, the value must be an integer"
                    )
                )
        case _:
            pass
    for at, value in enumerate(values):
        problems = names.label_value(value)
        if problems:
            errors.append(field_errors.invalid(f"values[{at}][{requirement.key}]", value, "; ".join(problems)))
    if errors:
        raise SelectorError(field_errors.join(errors))


def _number(text: str) -> int | None:
    """A whole number of 64 bits; None when it is none."""
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -(1 << 63) <= number < 1 << 63 else None
