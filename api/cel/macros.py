"""The macros: what `has`, `all`, `exists`, `map` and their kin become in the tree.

They are looked up by name, number of arguments and whether they are methods. Those over lists and maps become a fold,
as the language defines them: checking and cost estimates follow from it; the evaluator knows them by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from podwright.api.cel.errors import Issue
from podwright.api.cel.nodes import (
    Bind,
    Call,
    Comprehension,
    Ident,
    ListNode,
    Literal,
    MapNode,
    Node,
    OptionalMap,
    Select,
)

ACCUMULATOR: Final = "@result"
MAP_INSERT: Final = "cel.@mapInsert"
SORT_BY: Final = "@sortByAssociatedKeys"
SORTED: Final = "@sorted"
NOT_STRICTLY_FALSE: Final = "@not_strictly_false"

_Parts = tuple[Node, Node, Node, Node]


def expand(at: int, name: str, target: Node | None, args: list[Node]) -> Node | Issue | None:
    """Return what a call expands to, an Issue if it is written wrongly, or None if it is no macro."""
    if target is None:
        return _has(at, args) if name == "has" and len(args) == 1 else None
    if name in {"optMap", "optFlatMap"} and len(args) == 2:
        return _optional(at, name, target, args)
    if name == "sortBy" and len(args) == 2:
        return _sort_by(at, target, args)
    found = _FOLDS.get((name, len(args)))
    if found is None:
        return None
    two, simple, parts = found
    names = args[:2] if two else args[:1]
    for node in names:
        if not isinstance(node, Ident):
            return Issue(
                node.at, "argument must be a simple name" if simple or two else "argument is not an identifier"
            )
        if node.name in {"__result__", ACCUMULATOR}:
            return Issue(node.at, "iteration variable overwrites accumulator variable")
    first, second = names[0], names[-1]
    assert isinstance(first, Ident)
    assert isinstance(second, Ident)
    if two and first.name == second.name:
        return Issue(second.at, f"duplicate variable name: {first.name}")
    body = args[len(names) :]
    init, condition, step, result = parts(at, first, body)
    return Comprehension(
        at, target, first.name, second.name if two else "", init, condition, step, result, _COMMON.get(name, name),
        tuple(body),
    )  # fmt: skip


def _has(at: int, args: list[Node]) -> Node | Issue:
    found = args[0]
    if isinstance(found, Select) and not found.test:
        return Select(at, found.operand, found.name, test=True)
    return Issue(found.at, "invalid argument to has() macro")


def _optional(at: int, name: str, target: Node, args: list[Node]) -> Node | Issue:
    variable = args[0]
    if not isinstance(variable, Ident):
        return Issue(variable.at, f"{name}() variable name must be a simple identifier")
    return OptionalMap(at, target, variable.name, args[1], flat=name == "optFlatMap")


def _sort_by(at: int, target: Node, args: list[Node]) -> Node | Issue:
    keys = expand(at, "map", Ident(at, SORTED), args)
    if not isinstance(keys, Node):
        return keys or Issue(at, "argument is not an identifier")
    return Bind(at, SORTED, target, Call(at, SORT_BY, Ident(at, SORTED), [keys]))


def _accumulator(at: int) -> Node:
    return Ident(at, ACCUMULATOR)


def _call(at: int, name: str, *args: Node) -> Node:
    return Call(at, name, None, list(args))


def _all(at: int, _variable: Ident, body: list[Node]) -> _Parts:
    condition = _call(at, NOT_STRICTLY_FALSE, _accumulator(at))
    return Literal(at, True), condition, _call(at, "_&&_", _accumulator(at), body[0]), _accumulator(at)


def _exists(at: int, _variable: Ident, body: list[Node]) -> _Parts:
    condition = _call(at, NOT_STRICTLY_FALSE, _call(at, "!_", _accumulator(at)))
    return Literal(at, False), condition, _call(at, "_||_", _accumulator(at), body[0]), _accumulator(at)


def _exists_one(at: int, _variable: Ident, body: list[Node]) -> _Parts:
    counted = _call(at, "_+_", _accumulator(at), Literal(at, 1))
    step = _call(at, "_?_:_", body[0], counted, _accumulator(at))
    return Literal(at, 0), Literal(at, True), step, _call(at, "_==_", _accumulator(at), Literal(at, 1))


def _map(at: int, _variable: Ident, body: list[Node]) -> _Parts:
    step = _call(at, "_+_", _accumulator(at), ListNode(at, [body[-1]]))
    return ListNode(at, []), Literal(at, True), _filtered(at, step, body), _accumulator(at)


def _filter(at: int, variable: Ident, body: list[Node]) -> _Parts:
    step = _call(at, "_+_", _accumulator(at), ListNode(at, [Ident(variable.at, variable.name)]))
    step = _call(at, "_?_:_", body[0], step, _accumulator(at))
    return ListNode(at, []), Literal(at, True), step, _accumulator(at)


def _transform_map(at: int, variable: Ident, body: list[Node]) -> _Parts:
    step = _call(at, MAP_INSERT, _accumulator(at), Ident(variable.at, variable.name), body[-1])
    return MapNode(at, []), Literal(at, True), _filtered(at, step, body), _accumulator(at)


def _transform_entry(at: int, _variable: Ident, body: list[Node]) -> _Parts:
    step = _call(at, MAP_INSERT, _accumulator(at), body[-1])
    return MapNode(at, []), Literal(at, True), _filtered(at, step, body), _accumulator(at)


def _filtered(at: int, step: Node, body: list[Node]) -> Node:
    return step if len(body) == 1 else _call(at, "_?_:_", body[0], step, _accumulator(at))


_COMMON: Final = {"exists_one": "existsOne", "transformList": "map"}

# (name, arguments) -> (two variables, worded as a quantifier, what the fold is made of)
_FOLDS: Final[dict[tuple[str, int], tuple[bool, bool, Callable[[int, Ident, list[Node]], _Parts]]]] = {
    ("all", 2): (False, True, _all),
    ("exists", 2): (False, True, _exists),
    ("exists_one", 2): (False, True, _exists_one),
    ("existsOne", 2): (False, True, _exists_one),
    ("map", 2): (False, False, _map),
    ("map", 3): (False, False, _map),
    ("filter", 2): (False, False, _filter),
    ("all", 3): (True, True, _all),
    ("exists", 3): (True, True, _exists),
    ("exists_one", 3): (True, True, _exists_one),
    ("existsOne", 3): (True, True, _exists_one),
    ("transformList", 3): (True, False, _map),
    ("transformList", 4): (True, False, _map),
    ("transformMap", 3): (True, False, _transform_map),
    ("transformMap", 4): (True, False, _transform_map),
    ("transformMapEntry", 3): (True, False, _transform_entry),
    ("transformMapEntry", 4): (True, False, _transform_entry),
}
