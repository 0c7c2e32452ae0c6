"""The worst that a checked tree can cost, from the bounds its variables declare.

A place in a declared document is followed along with every node, so that `self.list[0].name` has the bounds of the
name. The decisions about which rules may be created rest on these numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from podwright.api.cel import types
from podwright.api.cel.costs import (
    LIMIT,
    LIST_BASE,
    MAP_BASE,
    ONE,
    STRUCT_BASE,
    UNKNOWN,
    Estimate,
    Range,
    exactly,
)
from podwright.api.cel.declared import Declared
from podwright.api.cel.macros import ACCUMULATOR
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
    StructNode,
)
from podwright.api.cel.types import Type

_ZERO: Final = exactly(0)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The sizes of what a list or map holds."""

    key: Range
    value: Range


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one node: its cost, where in a declared document it is, how large it and its entries are."""

    cost: Range
    type: Type
    place: Declared | None = None
    computed: Range | None = None
    entry: _Entry | None = None
    literal: Any = None

    @property
    def size(self) -> Range:
        """The size it can have."""
        found = self.known_size
        return UNKNOWN if found is None else found

    @property
    def known_size(self) -> Range | None:
        """The size it can have, or None if nothing bounds it."""
        if self.computed is not None:
            return self.computed
        if self.place is not None:
            return Range(0, self.place.max_elements)
        return ONE if types.is_scalar(self.type) else None

    def item(self) -> Known | None:
        """What is known of the items of a list."""
        if not self.type.params:
            return None
        return Known(_ZERO, self.type.params[0], self.place.item if self.place is not None else None)


def estimate(root: Node, variables: Mapping[str, Declared]) -> Range:
    """Return the least and the most that an expression can cost."""
    return _Estimator(variables).of(root).cost


class _Estimator:
    def __init__(self, variables: Mapping[str, Declared]) -> None:
        self._variables = variables
        self._root = variables.get("self")
        self._scopes: list[dict[str, Known]] = []

    def of(self, node: Node) -> Known:
        return self._rules[type(node)](self, node)

    def _literal(self, node: Literal) -> Known:
        value = node.value
        size = len(value) if isinstance(value, (str, bytes)) else 1
        return Known(_ZERO, node.type, None, exactly(size), None, value)

    def _ident(self, node: Ident) -> Known:
        for scope in reversed(self._scopes):
            found = scope.get(node.name)
            if found is not None:
                return Known(ONE, node.type, found.place, found.computed, found.entry)
        # Whatever else is named, such as a type, counts as large as `self`: `type(self) == int` is not without bounds.
        return Known(ONE, node.type, self._variables.get(node.name, self._root))

    def _select(self, node: Select) -> Known:
        if node.whole is not None:
            return self.of(node.whole)
        operand = self.of(node.operand)
        if node.test:
            return Known(operand.cost, node.type, None, ONE)
        cost = operand.cost
        if operand.type.kind in {"map", "object", "param"}:
            cost = cost.plus(ONE)
        return Known(cost, node.type, _field_place(operand.place, node.name))

    def _call(self, node: Call) -> Known:
        args = [self.of(arg) for arg in node.args]
        if node.name == "dyn" and len(args) == 1:
            return Known(args[0].cost.plus(ONE), node.type, args[0].place, args[0].computed, args[0].entry)
        special = _CALLS.get(node.name)
        if special is not None:
            return special(node, args)
        target = self.of(node.target) if node.target is not None else None
        sized = [target, *args] if target is not None else args
        cost = Range(LIMIT, 0)
        size: Range | None = None
        for overload in node.overloads:
            found: Estimate = overload.cost.estimate(sized)
            cost = cost.union(found.cost)
            if found.size is not None:
                size = found.size if size is None else size.union(found.size)
        entry = _joined(args[0].entry, args[1].entry) if node.name == "_+_" else None
        return Known(_sum([cost, *(part.cost for part in sized)]), node.type, None, size, entry)

    def _list(self, node: ListNode) -> Known:
        items = [self.of(item) for item in node.items]
        cost = _sum([exactly(LIST_BASE), *(item.cost for item in items)])
        entry = _Entry(ONE, _united([item.size for item in items]))
        return Known(cost, node.type, None, exactly(len(items)), entry)

    def _map(self, node: MapNode) -> Known:
        keys = [self.of(entry.key) for entry in node.entries]
        values = [self.of(entry.value) for entry in node.entries]
        cost = _sum([exactly(MAP_BASE), *(part.cost for part in (*keys, *values))])
        entry = _Entry(_united([key.size for key in keys]), _united([value.size for value in values]))
        return Known(cost, node.type, None, exactly(len(keys)), entry)

    def _struct(self, node: StructNode) -> Known:
        values = [self.of(entry.value) for entry in node.entries]
        return Known(_sum([exactly(STRUCT_BASE), *(value.cost for value in values)]), node.type)

    def _comprehension(self, node: Comprehension) -> Known:
        ranged, init = self.of(node.range), self.of(node.init)
        self._scopes.append({ACCUMULATOR: init})
        self._scopes.append(_iterated(node, ranged))
        turn = self.of(node.condition).cost
        step = self.of(node.step)
        self._scopes.pop()
        result = self.of(node.result)
        self._scopes.pop()
        turns = ranged.size.times(turn.plus(step.cost))
        cost = _sum([ranged.cost, init.cost, result.cost, turns])
        if isinstance(node.init, Literal):
            return Known(cost, node.type, None, init.size)
        return Known(cost, node.type, None, ranged.size, step.entry)

    def _bind(self, node: Bind) -> Known:
        init = self.of(node.init)
        self._scopes.append({node.variable: init})
        body = self.of(node.body)
        self._scopes.pop()
        cost = _sum([exactly(LIST_BASE), init.cost, body.cost])
        return Known(cost, node.type, body.place, body.computed, body.entry)

    def _optional_map(self, node: OptionalMap) -> Known:
        target = self.of(node.target)
        asked = target.cost.plus(ONE)
        self._scopes.append({node.variable: Known(ONE, types.unwrap_optional(target.type)[0])})
        body = self.of(node.body)
        self._scopes.pop()
        mapped = _sum([exactly(LIST_BASE), asked, body.cost])
        if not node.flat:
            mapped = mapped.plus(ONE)
        return Known(asked.plus(mapped.union(ONE)), node.type, None, body.known_size if node.flat else None)

    _rules: ClassVar[dict[type[Node], Callable[[_Estimator, Any], Known]]] = {
        Literal: _literal,
        Ident: _ident,
        Select: _select,
        Call: _call,
        ListNode: _list,
        MapNode: _map,
        StructNode: _struct,
        Comprehension: _comprehension,
        Bind: _bind,
        OptionalMap: _optional_map,
    }


def _iterated(node: Comprehension, ranged: Known) -> dict[str, Known]:
    is_list = ranged.type.kind == "list"
    place, entry = ranged.place, ranged.entry
    params = ranged.type.params
    value = Known(
        ONE,
        params[-1] if params else types.DYN,
        place.item if place is not None else None,
        entry.value if entry else None,
    )
    if is_list:
        key = Known(ONE, types.INT)
    else:
        key_type = params[0] if params else types.DYN
        key = Known(ONE, key_type, place.key if place is not None else None, entry.key if entry else None)
    if node.second:
        return {node.variable: key, node.second: value}
    return {node.variable: value if is_list else key}


def _logical(node: Call, args: Sequence[Known]) -> Known:
    total = _sum([arg.cost for arg in args])
    return Known(Range(args[0].cost.low, total.high), node.type)


def _conditional(node: Call, args: Sequence[Known]) -> Known:
    condition, then, otherwise = args
    size = then.size.union(otherwise.size)
    cost = condition.cost.plus(then.cost.union(otherwise.cost))
    return Known(cost, node.type, None, size, _joined(then.entry, otherwise.entry))


def _index(node: Call, args: Sequence[Known]) -> Known:
    holder = args[0]
    place = holder.place.item if holder.place is not None else None
    size = holder.entry.value if holder.entry else None
    return Known(_sum([ONE, *(arg.cost for arg in args)]), node.type, place, size)


def _optional_field(node: Call, args: Sequence[Known]) -> Known:
    return Known(_sum([ONE, *(arg.cost for arg in args)]), node.type)


_CALLS: Final[dict[str, Callable[[Call, Sequence[Known]], Known]]] = {
    "_&&_": _logical,
    "_||_": _logical,
    "_?_:_": _conditional,
    "_[_]": _index,
    "_?._": _optional_field,
}


def _field_place(place: Declared | None, name: str) -> Declared | None:
    field = place.fields.get(name) if place is not None else None
    return field.declared if field is not None else None


def _joined(one: _Entry | None, other: _Entry | None) -> _Entry | None:
    if one is None or other is None:
        return None
    return _Entry(one.key.union(other.key), one.value.union(other.value))


def _united(sizes: Sequence[Range]) -> Range:
    if not sizes:
        return _ZERO
    found = sizes[0]
    for size in sizes[1:]:
        found = found.union(size)
    return found


def _sum(costs: Sequence[Range]) -> Range:
    total = _ZERO
    for cost in costs:
        total = total.plus(cost)
    return total
