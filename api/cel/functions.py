"""How functions are declared: a signature in one line, what carries it out, what it costs.

    declare("startsWith", "string.(string) bool", str.startswith, traversal(1))

Upper-case letters in a signature are type variables. A library is a tuple of such declarations; `Functions` is what a
program is checked against. Declaring has no effect by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from podwright.api.cel import types
from podwright.api.cel.costs import CONSTANT, Cost
from podwright.api.cel.types import Type

_WORDS: Final[dict[str, Type]] = {
    "bool": types.BOOL,
    "int": types.INT,
    "uint": types.UINT,
    "double": types.DOUBLE,
    "string": types.STRING,
    "bytes": types.BYTES,
    "null": types.NULL,
    "timestamp": types.TIMESTAMP,
    "duration": types.DURATION,
    "dyn": types.DYN,
    "Quantity": types.QUANTITY,
    "URL": types.URL,
    "Semver": types.SEMVER,
    "Format": types.FORMAT,
    "IP": types.IP,
    "CIDR": types.CIDR,
    "Authorizer": types.AUTHORIZER,
    "PathCheck": types.PATH_CHECK,
    "GroupCheck": types.GROUP_CHECK,
    "ResourceCheck": types.RESOURCE_CHECK,
    "Decision": types.DECISION,
}
_TOKEN: Final = re.compile(r"[A-Za-z]+|[().,]")


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function. `args` begin with the target of a method."""

    name: str
    member: bool
    args: tuple[Type, ...]
    result: Type
    params: tuple[str, ...]
    call: Callable[..., Any]
    cost: Cost

    @property
    def constant_cost(self) -> bool:
        """Whether a call always costs 1."""
        return self.cost is CONSTANT


Functions = Mapping[str, tuple[Overload, ...]]


def declare(name: str, signature: str, call: Callable[..., Any], cost: Cost = CONSTANT) -> Overload:
    """Return an overload; its signature is `target.(args) result` or `(args) result`."""
    member, args, result = _signature(signature)
    names = sorted({found for part in (*args, result) for found in _params(part)})
    return Overload(name, member, args, result, tuple(names), call, cost)


def collect(libraries: Iterable[Iterable[Overload]]) -> Functions:
    """Return the functions of several libraries by name."""
    found: dict[str, list[Overload]] = {}
    for library in libraries:
        for overload in library:
            found.setdefault(overload.name, []).append(overload)
    return {name: tuple(overloads) for name, overloads in found.items()}


@cache
def _signature(text: str) -> tuple[bool, tuple[Type, ...], Type]:
    reader = _Reader(_TOKEN.findall(text))
    args: list[Type] = []
    member = reader.peek() != "("
    if member:
        args.append(reader.type())
        reader.take(".")
    reader.take("(")
    while reader.peek() != ")":
        args.append(reader.type())
        if reader.peek() == ",":
            reader.take(",")
    reader.take(")")
    return member, tuple(args), reader.type()


class _Reader:
    __slots__ = ("_at", "_tokens")

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at]

    def take(self, wanted: str) -> None:
        if self._tokens[self._at] != wanted:
            msg = f"cannot read a signature: {wanted} expected in {self._tokens}"
            raise ValueError(msg)
        self._at += 1

    def type(self) -> Type:
        word = self._tokens[self._at]
        self._at += 1
        if word in _HOLDERS:
            self.take("(")
            inner = [self.type()]
            while self.peek() == ",":
                self.take(",")
                inner.append(self.type())
            self.take(")")
            return _HOLDERS[word](*inner)
        return _WORDS[word] if word in _WORDS else types.param(word)


_HOLDERS: Final[dict[str, Callable[..., Type]]] = {
    "list": types.list_of,
    "map": types.map_of,
    "optional": types.optional_of,
    "type": types.type_of,
}


def _params(found: Type) -> set[str]:
    if found.kind == "param":
        return {found.name}
    return {name for part in found.params for name in _params(part)}
