"""Field selectors: `metadata.name=a,status.phase!=Running`.

Only equality exists. Which fields a kind offers is its strategy's affair: this module parses and compares.
Within a value, `\\\\`, `\\,` and `\\=` stand for the character.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

_OPERATORS = ("!=", "==", "=")


class FieldSelectorError(ValueError):
    """A field selector cannot be understood. Retrying cannot help."""


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """One condition: the field must (`equal`) or must not have the value."""

    field: str
    value: str
    equal: bool = True

    def __str__(self) -> str:
        return f"{self.field}{'=' if self.equal else '!='}{_escape(self.value)}"


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """All of its requirements must hold; one without any matches everything."""

    requirements: tuple[FieldRequirement, ...] = ()

    @classmethod
    def parse(cls, text: str) -> FieldSelector:
        """Read the query form. Raises FieldSelectorError with a message fit for a 400."""
        return _parse(text)

    @property
    def empty(self) -> bool:
        """Whether everything matches."""
        return not self.requirements

    def matches(self, getter: Callable[[str], str] | Mapping[str, str]) -> bool:
        """Tell whether an object fulfils it. `getter` returns a field's value, "" when it is not set."""
        if isinstance(getter, Mapping):
            values = getter
            return all((values.get(r.field, "") == r.value) is r.equal for r in self.requirements)
        return all((getter(r.field) == r.value) is r.equal for r in self.requirements)

    def exact(self, field: str) -> str | None:
        """Return the only value that `field` may have, if the selector demands one."""
        return next((r.value for r in self.requirements if r.equal and r.field == field), None)

    def fields(self) -> Iterable[str]:
        """Return the fields named, in order."""
        return (r.field for r in self.requirements)

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


@lru_cache(maxsize=1024)
def _parse(text: str) -> FieldSelector:
    found: list[FieldRequirement] = []
    for term in _split_terms(text):
        if not term:
            continue
        at, operator = _find_operator(term)
        if not operator:
            msg = f"invalid selector: '{text}'; can't understand '{term}'"
            raise FieldSelectorError(msg)
        value = _unescape(term[at + len(operator) :])
        found.append(FieldRequirement(term[:at], value, operator != "!="))
    return FieldSelector(tuple(found))


def _split_terms(text: str) -> list[str]:
    terms: list[str] = []
    start = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == ",":
            terms.append(text[start:at])
            start = at + 1
        at += 1
    terms.append(text[start:])
    return terms


def _find_operator(term: str) -> tuple[int, str]:
    at = 0
    while at < len(term):
        if term[at] == "\\":
            at += 2
            continue
        for operator in _OPERATORS:
            if term.startswith(operator, at):
                return at, operator
        at += 1
    return 0, ""


def _unescape(value: str) -> str:
    if not any(char in value for char in "\\,="):
        return value
    out: list[str] = []
    chars = iter(value)
    for char in chars:
        if char == "\\":
            escaped = next(chars, "")
            if escaped not in ("\\", ",", "="):
                msg = f"invalid field selector: invalid escape sequence: \\{escaped}"
                raise FieldSelectorError(msg)
            out.append(escaped)
        elif char in ",=":
            msg = f"invalid field selector: unescaped character in value: {char}"
            raise FieldSelectorError(msg)
        else:
            out.append(char)
    return "".join(out)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")
