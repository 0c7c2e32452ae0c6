"""The tree of an expression. The parser builds it, the checker writes types and overloads into it.

`at` is the offset in the text that errors point to. A tree is private to the compilation of one program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from podwright.api.cel.types import DYN, Type

if TYPE_CHECKING:
    from podwright.api.cel.functions import Overload


@dataclass(slots=True, eq=False)
class Node:
    """What every part of an expression has: its place and, once checked, its type."""

    at: int
    type: Type = field(default=DYN, init=False)


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A constant."""

    value: Any


@dataclass(slots=True, eq=False)
class Ident(Node):
    """A name. `constant` is set when it names a type."""

    name: str
    constant: Any = field(default=None, init=False)


@dataclass(slots=True, eq=False)
class Select(Node):
    """`operand.name`, or `has(operand.name)` when `test`. `whole` is set when the dotted name itself is declared."""

    operand: Node
    name: str
    test: bool = False
    whole: Ident | None = field(default=None, init=False)


@dataclass(slots=True, eq=False)
class Call(Node):
    """A function or operator (`_+_`) and its arguments; methods have a target."""

    name: str
    target: Node | None
    args: list[Node]
    overloads: list[Overload] = field(default_factory=list, init=False)


@dataclass(slots=True, eq=False)
class ListNode(Node):
    """`[a, ?b]`: `optional` holds the indices of items with a question mark."""

    items: list[Node]
    optional: frozenset[int] = frozenset()


@dataclass(slots=True, eq=False)
class Entry:
    """One `key: value` of a map, or of a message when `key` is a Literal name."""

    at: int
    key: Node
    value: Node
    optional: bool = False


@dataclass(slots=True, eq=False)
class MapNode(Node):
    """`{key: value}`."""

    entries: list[Entry]


@dataclass(slots=True, eq=False)
class StructNode(Node):
    """`Name{field: value}`."""

    name: str
    entries: list[Entry]


@dataclass(slots=True, eq=False)
class Comprehension(Node):
    """What the macros over lists and maps become: a fold of `step` over `range`, started with `init`.

    `macro` names the macro, so that the evaluator can loop directly; `body` are the macro's own arguments.
    """

    range: Node
    variable: str
    second: str
    init: Node
    condition: Node
    step: Node
    result: Node
    macro: str
    body: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class OptionalMap(Node):
    """`target.optMap(variable, body)`; `flat` for optFlatMap."""

    target: Node
    variable: str
    body: Node
    flat: bool


@dataclass(slots=True, eq=False)
class Bind(Node):
    """`body` with `variable` standing for `init`."""

    variable: str
    init: Node
    body: Node


def parts_of(node: Node) -> list[Node]:
    """Return the nodes directly below a node."""
    reader = _PARTS.get(type(node))
    return [] if reader is None else reader(node)


def _of_entries(node: MapNode | StructNode) -> list[Node]:
    return [part for entry in node.entries for part in (entry.key, entry.value)]


_PARTS: dict[type[Node], Callable[[Any], list[Node]]] = {
    Select: lambda node: [node.whole or node.operand],
    Call: lambda node: node.args if node.target is None else [node.target, *node.args],
    ListNode: lambda node: node.items,
    MapNode: _of_entries,
    StructNode: _of_entries,
    Comprehension: lambda node: [node.range, node.init, node.condition, node.step, node.result],
    Bind: lambda node: [node.init, node.body],
    OptionalMap: lambda node: [node.target, node.body],
}
