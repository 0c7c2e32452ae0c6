"""A checked tree to closures: one Python function per node, that takes a Frame and returns a value.

What the types tell is decided here, once: which overload a call is, under which key a field stands in JSON. Where they
tell nothing (dyn), the choice is made at evaluation. Costs are added to the frame as the public cost model has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from podwright.api.cel import looping, selecting
from podwright.api.cel.costs import LIST_BASE, MAP_BASE, STRUCT_BASE, walked
from podwright.api.cel.declared import Declared
from podwright.api.cel.equality import contains, equal
from podwright.api.cel.errors import EvaluationError, no_such_overload
from podwright.api.cel.frame import Frame
from podwright.api.cel.functions import Overload
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
from podwright.api.cel.values import (
    NONE,
    Duration,
    ObjectView,
    Optional,
    Timestamp,
    UInt,
    is_list,
    is_map,
    map_key,
    size_of,
    type_name,
)

Step = Callable[[Frame], Any]

# What Python raises when a value that was dyn is not what a function takes.
_MISFITS: Final = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError)


class Compiler:
    """Compiles one tree. `slots` lists the variables that must be bound, in the order of their numbers."""

    def __init__(self) -> None:
        self.slots: list[str] = []
        self.size = 0
        self._scopes: list[dict[str, int]] = [{}]

    def compile(self, node: Node) -> Step:
        """Return the function that evaluates a node."""
        return self._rules[type(node)](self, node)

    def variable(self, name: str) -> int:
        """Return the number of a variable in scope."""
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        self.slots.append(name)
        return self._new(self._scopes[0], name)

    def _new(self, scope: dict[str, int], name: str) -> int:
        scope[name] = self.size
        self.size += 1
        return scope[name]

    def _literal(self, node: Literal) -> Step:
        value = node.value
        return lambda _frame: value

    def _ident(self, node: Ident) -> Step:
        if node.constant is not None:
            constant = node.constant
            return lambda _frame: constant
        slot = self.variable(node.name)

        def read(frame: Frame) -> Any:
            frame.cost += 1
            return frame.slots[slot]

        return read

    def _select(self, node: Select) -> Step:
        if node.whole is not None:
            return self.compile(node.whole)
        operand = self.compile(node.operand)
        name = node.name
        if node.test:
            return lambda frame: selecting.has(operand(frame), name)
        declared = node.operand.type.decl
        field = declared.fields.get(name) if declared is not None else None
        if field is not None:
            return selecting.field_of(operand, name, field)
        return selecting.any_of(operand, name)

    def _call(self, node: Call) -> Step:
        special = _SPECIAL.get(node.name)
        args = [node.target, *node.args] if node.target is not None else node.args
        steps = [self.compile(arg) for arg in args]
        if special is not None:
            return special(steps, node)
        if len(node.overloads) == 1 and all(arg.type.kind not in {"dyn", "error"} for arg in args):
            return _direct(node.overloads[0], steps)
        return _dispatched(node.overloads, steps)

    def _list(self, node: ListNode) -> Step:
        steps = [self.compile(item) for item in node.items]
        if all(isinstance(item, Literal) for item in node.items):
            constant = [item.value for item in node.items if isinstance(item, Literal)]
            return lambda _frame: constant
        optional = node.optional

        def make(frame: Frame) -> list[Any]:
            frame.cost += LIST_BASE
            if not optional:
                return [step(frame) for step in steps]
            made: list[Any] = []
            for index, step in enumerate(steps):
                value = step(frame)
                if index not in optional:
                    made.append(value)
                elif _unwrapped(value).present:
                    made.append(value.inner)
            return made

        return make

    def _map(self, node: MapNode) -> Step:
        entries = [(self.compile(entry.key), self.compile(entry.value), entry.optional) for entry in node.entries]

        def make(frame: Frame) -> dict[Any, Any]:
            frame.cost += MAP_BASE
            made: dict[Any, Any] = {}
            for key_step, value_step, optional in entries:
                key, value = map_key(key_step(frame)), value_step(frame)
                if optional:
                    if not _unwrapped(value).present:
                        continue
                    value = value.inner
                if key in made:
                    msg = f"Failed with repeated key: {key}"
                    raise EvaluationError(msg)
                made[key] = value
            return made

        return make

    def _struct(self, node: StructNode) -> Step:
        declared: Declared = node.type.decl or Declared(node.type)
        entries: list[tuple[str, Step, bool]] = []
        for entry in node.entries:
            assert isinstance(entry.key, Literal)
            entries.append((entry.key.value, self.compile(entry.value), entry.optional))

        def make(frame: Frame) -> ObjectView:
            frame.cost += STRUCT_BASE
            made: dict[str, Any] = {}
            for name, step, optional in entries:
                value = step(frame)
                if not optional:
                    made[name] = value
                elif _unwrapped(value).present:
                    made[name] = value.inner
            return ObjectView(made, declared)

        return make

    def _comprehension(self, node: Comprehension) -> Step:
        ranged = self.compile(node.range)
        scope: dict[str, int] = {ACCUMULATOR: -1}
        self._scopes.append(scope)
        first = self._new(scope, node.variable)
        second = self._new(scope, node.second) if node.second else -1
        body = [self.compile(part) for part in node.body]
        self._scopes.pop()
        return looping.LOOPS[node.macro](ranged, looping.Variables(first, second), body)

    def _bind(self, node: Bind) -> Step:
        init = self.compile(node.init)
        scope: dict[str, int] = {}
        self._scopes.append(scope)
        slot = self._new(scope, node.variable)
        body = self.compile(node.body)
        self._scopes.pop()

        def run(frame: Frame) -> Any:
            frame.slots[slot] = init(frame)
            return body(frame)

        return run

    def _optional_map(self, node: OptionalMap) -> Step:
        target = self.compile(node.target)
        scope: dict[str, int] = {}
        self._scopes.append(scope)
        slot = self._new(scope, node.variable)
        body = self.compile(node.body)
        self._scopes.pop()
        flat = node.flat

        def run(frame: Frame) -> Any:
            found = _unwrapped(target(frame))
            frame.cost += 2
            if not found.present:
                return NONE
            frame.slots[slot] = found.inner
            made = body(frame)
            return made if flat else Optional(True, made)

        return run

    _rules: ClassVar[dict[type[Node], Callable[[Compiler, Any], Step]]] = {
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


def _unwrapped(value: Any) -> Optional:
    if isinstance(value, Optional):
        return value
    raise no_such_overload()


def _direct(overload: Overload, steps: Sequence[Step]) -> Step:
    """Return the call of the one overload that the types allow."""
    call = overload.call
    if not overload.constant_cost:
        return _costed(overload, steps)
    if len(steps) == 1:
        only = steps[0]

        def one(frame: Frame) -> Any:
            frame.cost += 1
            try:
                return call(only(frame))
            except _MISFITS as error:
                raise no_such_overload() from error

        return one
    if len(steps) == 2:
        left, right = steps

        def two(frame: Frame) -> Any:
            frame.cost += 1
            try:
                return call(left(frame), right(frame))
            except _MISFITS as error:
                raise no_such_overload() from error

        return two

    def many(frame: Frame) -> Any:
        frame.cost += 1
        try:
            return call(*[step(frame) for step in steps])
        except _MISFITS as error:
            raise no_such_overload() from error

    return many


def _costed(overload: Overload, steps: Sequence[Step]) -> Step:
    call, actual = overload.call, overload.cost.actual

    def run(frame: Frame) -> Any:
        args = [step(frame) for step in steps]
        try:
            frame.charge(actual(args, None))
            return call(*args)
        except _MISFITS as error:
            raise no_such_overload() from error

    return run


def _dispatched(overloads: Sequence[Overload], steps: Sequence[Step]) -> Step:
    """Return the call of whichever overload the values fit; what fits values of plain types is found once."""
    known: dict[tuple[type, ...], Overload] = {}

    def run(frame: Frame) -> Any:
        args = [step(frame) for step in steps]
        kinds = tuple(map(type, args))
        overload = known.get(kinds)
        if overload is None:
            overload = _fitting(overloads, args)
            if _BY_TYPE.issuperset(kinds):
                known[kinds] = overload
        try:
            frame.charge(overload.cost.actual(args, None))
            return overload.call(*args)
        except _MISFITS as error:
            raise no_such_overload() from error

    return run


def _fitting(overloads: Sequence[Overload], args: Sequence[Any]) -> Overload:
    for overload in overloads:
        if all(fits(wanted, arg) for wanted, arg in zip(overload.args, args, strict=True)):
            return overload
    raise no_such_overload()


# Of values of these types nothing but the type decides whether they fit.
_BY_TYPE: Final[frozenset[type]] = frozenset(
    (bool, int, UInt, float, str, bytes, type(None), Timestamp, Duration, dict)
)
_KINDS: Final[dict[str, Callable[[Any], bool]]] = {
    "bool": lambda value: type(value) is bool,
    "int": lambda value: type(value) is int,
    "uint": lambda value: type(value) is UInt,
    "double": lambda value: type(value) is float,
    "string": lambda value: type(value) is str,
    "bytes": lambda value: type(value) is bytes,
    "null": lambda value: value is None,
    "timestamp": lambda value: type(value) is Timestamp,
    "duration": lambda value: type(value) is Duration,
    "list": is_list,
    "map": is_map,
    "type": lambda value: type(value) is Type,
}


def fits(wanted: Type, value: Any) -> bool:
    """Return whether a value can be an argument of a type; what a list or map holds is not looked at."""
    check = _KINDS.get(wanted.kind)
    if check is not None:
        return check(value) and (wanted.kind != "list" or _items_fit(wanted, value))
    return wanted.kind in {"dyn", "param"} or type_name(value) == wanted.name


def _items_fit(wanted: Type, value: Any) -> bool:
    """Return whether a list can be one of scalars, by its first item: overloads differ in nothing else."""
    item = wanted.params[0]
    return item.kind not in _KINDS or item.kind in {"list", "map"} or not len(value) or fits(item, value[0])


def _and(steps: Sequence[Step], _node: Call) -> Step:
    return _logical(steps, stops=False)


def _or(steps: Sequence[Step], _node: Call) -> Step:
    return _logical(steps, stops=True)


def _logical(steps: Sequence[Step], *, stops: bool) -> Step:
    """Return `&&` (stops at false) or `||` (stops at true): an error counts only if nothing stops."""

    def run(frame: Frame) -> bool:
        failure: EvaluationError | None = None
        for step in steps:
            try:
                value = step(frame)
            except EvaluationError as error:
                failure = failure or error
                continue
            if value is stops:
                return stops
            if type(value) is not bool:
                failure = failure or no_such_overload()
        if failure is not None:
            raise failure
        return not stops

    return run


def _conditional(steps: Sequence[Step], _node: Call) -> Step:
    condition, then, otherwise = steps

    def run(frame: Frame) -> Any:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is False:
            return otherwise(frame)
        raise no_such_overload()

    return run


def _equals(steps: Sequence[Step], node: Call) -> Step:
    left, right = steps
    wanted = node.name == "_==_"

    def run(frame: Frame) -> bool:
        one, other = left(frame), right(frame)
        frame.cost += walked(min(size_of(one), size_of(other)))
        return equal(one, other, frame.spend) is wanted

    return run


def _in(steps: Sequence[Step], _node: Call) -> Step:
    item, holder = steps

    def run(frame: Frame) -> bool:
        found, within = item(frame), holder(frame)
        frame.charge(len(within) if is_list(within) else 1)
        return contains(found, within, frame.spend)

    return run


def _or_value(steps: Sequence[Step], node: Call) -> Step:
    target, otherwise = steps
    unwraps = node.name == "orValue"

    def run(frame: Frame) -> Any:
        found = _unwrapped(target(frame))
        if not found.present:
            return otherwise(frame)
        return found.inner if unwraps else found

    return run


_SPECIAL: Final[dict[str, Callable[[Sequence[Step], Call], Step]]] = {
    "_&&_": _and,
    "_||_": _or,
    "_?_:_": _conditional,
    "_==_": _equals,
    "_!=_": _equals,
    "@in": _in,
    "or": _or_value,
    "orValue": _or_value,
    "_[_]": lambda steps, _node: selecting.index_of(*steps),
    "_[?_]": lambda steps, _node: selecting.optional_index_of(*steps),
    "_?._": lambda steps, _node: selecting.optional_field_of(*steps),
}
