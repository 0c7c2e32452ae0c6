"""Which types fit each other, and what type variables thereby stand for.

`Substitution` collects bindings; a failed attempt leaves none behind.
"""

from __future__ import annotations

from collections.abc import Sequence

from podwright.api.cel.types import DYN, Type, is_dyn_or_error, list_of, map_of

_NULLABLE = frozenset({"opaque", "object", "timestamp", "duration"})


class Substitution:
    """What the type variables of one expression are bound to so far."""

    __slots__ = ("_bound", "_count", "_trail")

    def __init__(self) -> None:
        self._bound: dict[str, Type] = {}
        self._trail: list[tuple[str, Type | None]] = []
        self._count = 0

    def fresh(self) -> Type:
        """Return a type variable that is bound to nothing."""
        self._count += 1
        return Type("param", f"_var{self._count - 1}")

    def assignable(self, source: Type, target: Type) -> bool:
        """Return whether a `source` can stand where a `target` is wanted, binding variables if so."""
        return self.all_assignable((source,), (target,))

    def all_assignable(self, sources: Sequence[Type], targets: Sequence[Type]) -> bool:
        """Return whether every source fits its target, binding variables only if all do."""
        mark = len(self._trail)
        if self._fit_all(sources, targets):
            return True
        while len(self._trail) > mark:
            name, before = self._trail.pop()
            if before is None:
                del self._bound[name]
            else:
                self._bound[name] = before
        return False

    def resolve(self, found: Type, *, free_is_dyn: bool = False) -> Type:
        """Return the type with its bound variables replaced; free ones stay, or become dyn."""
        if found.kind == "param":
            bound = self._bound.get(found.name)
            if bound is not None:
                return self.resolve(bound, free_is_dyn=free_is_dyn)
            return DYN if free_is_dyn else found
        if not found.params:
            return found
        return Type(found.kind, found.name, tuple(self.resolve(part, free_is_dyn=free_is_dyn) for part in found.params))

    def instantiate(self, parts: Sequence[Type], names: Sequence[str]) -> list[Type]:
        """Return the types with the variables `names` replaced by fresh ones."""
        fresh = {name: self.fresh() for name in names}
        return [_replaced(part, fresh) for part in parts]

    def _bind(self, name: str, found: Type) -> None:
        self._trail.append((name, self._bound.get(name)))
        self._bound[name] = found

    def _fit_all(self, sources: Sequence[Type], targets: Sequence[Type]) -> bool:
        if len(sources) != len(targets):
            return False
        return all(self._fit(source, target) for source, target in zip(sources, targets, strict=True))

    def _fit(self, source: Type, target: Type) -> bool:
        if target.kind == "param":
            valid, bound = self._substitutes(source, target)
            if valid or bound:
                return valid
        if source.kind == "param":
            return self._substitutes(target, source)[0]
        if is_dyn_or_error(source) or is_dyn_or_error(target):
            return True
        if source.kind == "null" or target.kind == "null":
            other = target if source.kind == "null" else source
            return other.kind == "null" or other.kind in _NULLABLE
        if source.kind == "type":
            return target.kind == "type"
        if source.params:
            return (source.kind, source.name) == (target.kind, target.name) and self._fit_all(
                source.params, target.params
            )
        return source == target

    def _substitutes(self, found: Type, variable: Type) -> tuple[bool, bool]:
        """Return whether `variable` may stand for `found`, and whether it was bound before."""
        if found == variable:
            return True, True
        bound = self._bound.get(variable.name)
        if bound is None:
            if self._occurs(variable, found):
                return False, False
            self._bind(variable.name, found)
            return True, False
        if found == bound:
            return True, True
        if not self._fit(found, bound):
            return False, True
        general = most_general(found, bound)
        if general != bound and not self._occurs(variable, general):
            self._bind(variable.name, general)
        return True, True

    def _occurs(self, variable: Type, within: Type) -> bool:
        if within == variable:
            return True
        if within.kind == "param":
            bound = self._bound.get(within.name)
            return bound is not None and self._occurs(variable, bound)
        return any(self._occurs(variable, part) for part in within.params)


def most_general(one: Type, other: Type) -> Type:
    """Return the less specific of two types that fit each other."""
    return one if _not_more_specific(one, other) else other


def _not_more_specific(one: Type, other: Type) -> bool:
    if one.kind in {"dyn", "param"}:
        return True
    if other.kind in {"dyn", "param"} or one.kind != other.kind:
        return False
    if one.kind == "type":
        return True
    if one.name != other.name or len(one.params) != len(other.params):
        return False
    return all(_not_more_specific(a, b) for a, b in zip(one.params, other.params, strict=True))


def _replaced(found: Type, fresh: dict[str, Type]) -> Type:
    if found.kind == "param":
        return fresh.get(found.name, found)
    if found.kind == "list":
        return list_of(_replaced(found.params[0], fresh))
    if found.kind == "map":
        return map_of(_replaced(found.params[0], fresh), _replaced(found.params[1], fresh))
    if not found.params:
        return found
    return Type(found.kind, found.name, tuple(_replaced(part, fresh) for part in found.params))
