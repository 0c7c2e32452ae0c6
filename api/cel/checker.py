"""Types for a tree: which declarations names mean, which overloads calls can be, and what does not fit.

Findings are collected, so that one listing names them all. The tree is annotated in place; afterwards every node's
type is free of type variables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from podwright.api.cel import types
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import Issue
from podwright.api.cel.functions import Functions, Overload
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
    parts_of,
)
from podwright.api.cel.types import BOOL, DYN, ERROR, INT, STRING, Type
from podwright.api.cel.unify import Substitution, most_general
from podwright.api.cel.values import UInt

_LITERALS: Final[dict[type, Type]] = {
    bool: types.BOOL,
    int: types.INT,
    UInt: types.UINT,
    float: types.DOUBLE,
    str: types.STRING,
    bytes: types.BYTES,
    type(None): types.NULL,
}
TYPE_NAMES: Final[dict[str, Type]] = {
    "bool": types.BOOL,
    "int": types.INT,
    "uint": types.UINT,
    "double": types.DOUBLE,
    "string": types.STRING,
    "bytes": types.BYTES,
    "null_type": types.NULL,
    "list": types.list_of(types.DYN),
    "map": types.map_of(types.DYN, types.DYN),
    "type": types.TYPE,
    "optional_type": types.optional_of(types.DYN),
    "google.protobuf.Timestamp": types.TIMESTAMP,
    "google.protobuf.Duration": types.DURATION,
    **{found.name: found for found in (
        types.QUANTITY, types.URL, types.SEMVER, types.FORMAT, types.IP, types.CIDR,
    )},
}  # fmt: skip


class Checker:
    """Checks one tree against variables, functions and message types."""

    def __init__(
        self, variables: Mapping[str, Declared], functions: Functions, messages: Mapping[str, Declared]
    ) -> None:
        self.issues: list[Issue] = []
        self.used: set[str] = set()
        self._variables = variables
        self._functions = functions
        self._messages = messages
        self._scopes: list[dict[str, Type]] = []
        self._types = Substitution()

    def check(self, node: Node) -> None:
        """Give a node and everything below it a type."""
        self._rules[type(node)](self, node)

    def finish(self, root: Node) -> None:
        """Replace what type variables are left in the types of a tree."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            node.type = self._types.resolve(node.type, free_is_dyn=True)
            waiting.extend(parts_of(node))

    def _report(self, at: int, message: str) -> Type:
        self.issues.append(Issue(at, message))
        return ERROR

    def _shown(self, found: Type) -> Type:
        return self._types.resolve(found, free_is_dyn=True)

    def _literal(self, node: Literal) -> None:
        node.type = _LITERALS[type(node.value)]

    def _named(self, name: str) -> tuple[Type, Any] | None:
        """Return the type of what a name denotes, and the type value it is constant for."""
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name], None
        declared = self._variables.get(name)
        if declared is not None:
            self.used.add(name)
            return declared.type, None
        found = TYPE_NAMES.get(name)
        return None if found is None else (types.type_of(found), found)

    def _is_local(self, name: str) -> bool:
        root = name.partition(".")[0]
        return any(root in scope for scope in self._scopes)

    def _ident(self, node: Ident) -> None:
        found = self._named(node.name)
        if found is None:
            node.type = self._report(node.at, f"undeclared reference to '{node.name}' (in container '')")
            return
        node.type, node.constant = found

    def _select(self, node: Select) -> None:
        name = "" if node.test else _qualified(node)
        found = self._named(name) if name and not self._is_local(name) else None
        if found is not None:
            node.type = found[0]
            node.whole = Ident(node.at, name)
            node.whole.type, node.whole.constant = found
            return
        result = self._field(node.at, node.operand, node.name, optional=False)
        node.type = BOOL if node.test else self._types.resolve(result)

    def _field(self, at: int, operand: Node, name: str, *, optional: bool) -> Type:
        self.check(operand)
        target, was_optional = types.unwrap_optional(self._types.resolve(operand.type))
        if target.kind == "map":
            result = target.params[1]
        elif target.kind == "object":
            result = self._declared_field(at, target, name)
        elif target.kind == "param":
            self._types.assignable(DYN, target)
            result = DYN
        else:
            if not types.is_dyn_or_error(target):
                self._report(at, f"type '{target}' does not support field selection")
            result = DYN
        return types.optional_of(result) if was_optional or optional else result

    def _declared_field(self, at: int, target: Type, name: str) -> Type:
        declared = target.decl
        field = None if declared is None else declared.fields.get(name)
        if field is not None:
            return field.declared.type
        if declared is not None and declared.open:
            return DYN
        return self._report(at, f"undefined field '{name}'")

    def _call(self, node: Call) -> None:
        if node.name == "_?._":
            field = node.args[1]
            assert isinstance(field, Literal)
            field.type = STRING
            node.type = self._types.resolve(self._field(node.at, node.args[0], field.value, optional=True))
            return
        for arg in node.args:
            self.check(arg)
        if node.target is not None:
            prefix = _qualified(node.target)
            namespaced = f"{prefix}.{node.name}" if prefix else ""
            if namespaced in self._functions:
                node.name, node.target = namespaced, None
            else:
                self.check(node.target)
        overloads = self._functions.get(node.name)
        if overloads is None:
            node.type = self._report(node.at, f"undeclared reference to '{node.name}' (in container '')")
            return
        node.type = self._logical(node) if node.name in {"_&&_", "_||_"} else self._overload(node, overloads)

    def _logical(self, node: Call) -> Type:
        found = BOOL
        for arg in node.args:
            if not self._types.assignable(arg.type, BOOL):
                found = self._report(arg.at, f"expected type 'bool' but found '{self._shown(arg.type)}'")
        return found

    def _overload(self, node: Call, overloads: tuple[Overload, ...]) -> Type:
        target = node.target
        given = [arg.type for arg in ([target, *node.args] if target is not None else node.args)]
        result: Type | None = None
        for overload in overloads:
            if overload.member != (target is not None):
                continue
            wanted = [*overload.args, overload.result]
            if overload.params:
                wanted = self._types.instantiate(wanted, overload.params)
            if not self._types.all_assignable(given, wanted[:-1]):
                continue
            node.overloads.append(overload)
            found = self._types.resolve(wanted[-1])
            if result is None:
                result = found
            elif result.kind != "dyn" and found != result:
                result = DYN
        if result is not None:
            return result
        shown = [str(self._shown(found)) for found in given]
        signature = f"{shown[0]}.({', '.join(shown[1:])})" if target is not None else f"({', '.join(shown)})"
        return self._report(node.at, f"found no matching overload for '{node.name}' applied to '{signature}'")

    def _list(self, node: ListNode) -> None:
        joined: Type | None = None
        for index, item in enumerate(node.items):
            self.check(item)
            joined = self._join(joined, self._element(item, optional=index in node.optional))
        node.type = types.list_of(joined or self._types.fresh())

    def _map(self, node: MapNode) -> None:
        key: Type | None = None
        value: Type | None = None
        for entry in node.entries:
            self.check(entry.key)
            key = self._join(key, entry.key.type)
            self.check(entry.value)
            value = self._join(value, self._element(entry.value, optional=entry.optional))
        node.type = types.map_of(key or self._types.fresh(), value or self._types.fresh())

    def _element(self, node: Node, *, optional: bool) -> Type:
        if not optional:
            return node.type
        found, was_optional = types.unwrap_optional(self._types.resolve(node.type))
        if not was_optional and found.kind != "dyn":
            self._report(
                node.at, f"expected type '{types.optional_of(self._shown(found))}' but found '{self._shown(found)}'"
            )
        return found

    def _join(self, before: Type | None, found: Type) -> Type:
        if before is None:
            return found
        return most_general(before, found) if self._types.assignable(before, found) else DYN

    def _struct(self, node: StructNode) -> None:
        declared = self._messages.get(node.name)
        if declared is None:
            for entry in node.entries:
                self.check(entry.value)
            node.type = self._report(node.at, f"undeclared reference to '{node.name}' (in container '')")
            return
        node.type = declared.type
        for entry in node.entries:
            self.check(entry.value)
            assert isinstance(entry.key, Literal)
            entry.key.type = STRING
            name = entry.key.value
            wanted = self._declared_field(entry.at, declared.type, name)
            given = self._element(entry.value, optional=entry.optional)
            if not self._types.assignable(given, wanted):
                shown = f"'{self._shown(wanted)}' but provided type is '{self._shown(given)}'"
                self._report(entry.at, f"expected type of field '{name}' is {shown}")

    def _comprehension(self, node: Comprehension) -> None:
        self.check(node.range)
        self.check(node.init)
        ranged = self._types.resolve(node.range.type)
        first, second = self._iterated(node.range, ranged)
        if not node.second and ranged.kind == "list":
            first = second
        scope = {ACCUMULATOR: node.init.type}
        self._scopes.append(scope)
        inner = {node.variable: first}
        if node.second:
            inner[node.second] = second
        self._scopes.append(inner)
        self.check(node.condition)
        self._assert(node.condition, BOOL)
        self.check(node.step)
        self._assert(node.step, node.init.type)
        self._scopes.pop()
        self.check(node.result)
        self._scopes.pop()
        node.type = self._types.resolve(node.result.type)

    def _iterated(self, node: Node, ranged: Type) -> tuple[Type, Type]:
        """Return the types of key or index, and of value or item."""
        if ranged.kind == "list":
            return INT, ranged.params[0]
        if ranged.kind == "map":
            return ranged.params[0], ranged.params[1]
        if ranged.kind == "param" or types.is_dyn_or_error(ranged):
            self._types.assignable(DYN, ranged)
            return DYN, DYN
        self._report(
            node.at,
            f"expression of type '{ranged}' cannot be range of a comprehension (must be list, map, or dynamic)",
        )
        return ERROR, ERROR

    def _assert(self, node: Node, wanted: Type) -> None:
        if not self._types.assignable(wanted, node.type):
            self._report(node.at, f"expected type '{self._shown(wanted)}' but found '{self._shown(node.type)}'")

    def _bind(self, node: Bind) -> None:
        self.check(node.init)
        self._scopes.append({node.variable: node.init.type})
        self.check(node.body)
        self._scopes.pop()
        node.type = self._types.resolve(node.body.type)

    def _optional_map(self, node: OptionalMap) -> None:
        self.check(node.target)
        target = self._types.resolve(node.target.type)
        inner, was_optional = types.unwrap_optional(target)
        if target.kind == "param":
            inner = self._types.fresh()
            self._types.assignable(types.optional_of(inner), target)
        elif not was_optional and not types.is_dyn_or_error(target):
            node.type = self._report(
                node.at, f"found no matching overload for 'hasValue' applied to '{self._shown(target)}.()'"
            )
            return
        self._scopes.append({node.variable: inner})
        self.check(node.body)
        self._scopes.pop()
        found = self._types.resolve(node.body.type)
        if node.flat and not self._types.assignable(found, types.optional_of(self._types.fresh())):
            node.type = self._report(
                node.at,
                f"found no matching overload for '_?_:_' applied to '(bool, {self._shown(found)}, optional_type(dyn))'",
            )
            return
        node.type = found if node.flat else types.optional_of(found)

    _rules: ClassVar[dict[type[Node], Callable[[Checker, Any], None]]] = {
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


def _qualified(node: Node) -> str:
    """Return `a.b.c` for a chain of names, or ""."""
    parts: list[str] = []
    while isinstance(node, Select) and not node.test:
        parts.append(node.name)
        node = node.operand
    if not isinstance(node, Ident):
        return ""
    return ".".join([node.name, *reversed(parts)])
