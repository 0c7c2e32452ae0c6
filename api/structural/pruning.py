"""Taking out of a document what its schema does not know, and telling what that is.

`prune` makes a new document; `unknown_fields` lists the paths that `prune` drops, sorted. Members that say what an
object of the API is (apiVersion, kind, metadata) are never dropped from the root or from an embedded object. Nulls
where none are allowed go too, unless a default takes their place later.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.structural.node import META_FIELDS, Node
from podwright.api.structural.whole import Whole

JSON = dict[str, Any]
_WHOLE: Final = 1e21  # from here on numbers are written with an exponent


def prune(node: Node, document: JSON) -> JSON:
    """A copy of an object of the API without what the schema does not know; scalars are shared."""
    return _object(node, document, resource=True)


def prune_value(node: Node, value: Any) -> Any:
    """The same of any value within an object."""
    return _value(node, value)


def _value(node: Node | None, value: Any) -> Any:
    if isinstance(value, dict):
        return _object(node, value, resource=node is not None and node.embedded)
    if isinstance(value, list):
        items = node.items if node is not None else None
        if node is not None and node.preserve:
            return [_kept(items, item) for item in value]
        return [_value(items, item) for item in value]
    return _scalar(value, integer=node is not None and "integer" in node.types)


def _scalar(value: Any, *, integer: bool = False) -> Any:
    """A number without a fraction is written without one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return Whole(value) if integer else int(value)
    return value


def _object(node: Node | None, value: JSON, *, resource: bool) -> JSON:
    if node is None:
        return {}
    kept: JSON = {}
    for name, child in value.items():
        if resource and name in META_FIELDS:
            kept[name] = child
            continue
        shape = node.properties.get(name)
        known = shape is not None
        if shape is None and (node.additional is not None or node.open or node.closed):
            shape, known = node.additional, True
        if known:
            if child is None and _drops_null(shape):
                continue
            # Below members of which nothing is said, nothing is known.
            kept[name] = _value(shape, child)
        elif node.preserve:
            kept[name] = _kept(None, child)
    return kept


def _kept(node: Node | None, value: Any) -> Any:
    """An item of a list whose unknown fields are kept: only what is known is looked into."""
    if isinstance(value, dict):
        kept: JSON = {}
        for name, child in value.items():
            shape = node.member(name) if node is not None else None
            if node is None or shape is None or (node.embedded and name in META_FIELDS):
                kept[name] = _kept(None, child)
            elif child is not None or not _drops_null(shape):
                kept[name] = _value(shape, child)
        return kept
    if isinstance(value, list):
        return [_kept(node.items if node is not None else None, item) for item in value]
    return _scalar(value)


def _drops_null(node: Node | None) -> bool:
    return node is not None and not node.nullable and node.default is None


def unknown_fields(node: Node, document: JSON) -> list[str]:
    """The paths of what `prune` drops: `spec.a[0].b`."""
    finder = _Finder()
    finder.object(node, document, "", resource=True)
    return sorted(finder.found)


class _Finder:
    def __init__(self) -> None:
        self.found: list[str] = []

    def value(self, node: Node | None, value: Any, path: str) -> None:
        if isinstance(value, dict):
            self.object(node, value, path, resource=node is not None and node.embedded)
        elif isinstance(value, list):
            items = node.items if node is not None else None
            look = self.kept if node is not None and node.preserve else self.value
            for index, item in enumerate(value):
                if isinstance(item, (dict, list)):
                    look(items, item, f"{path}[{index}]")

    def object(self, node: Node | None, value: JSON, path: str, *, resource: bool) -> None:
        for name, child in value.items():
            if resource and name in META_FIELDS:
                continue
            shape = node.properties.get(name) if node is not None else None
            known = shape is not None
            if node is not None and shape is None and (node.additional is not None or node.open or node.closed):
                shape, known = node.additional, True
            if known:
                if isinstance(child, (dict, list)):
                    self.value(shape, child, _join(path, name))
            elif node is None or not node.preserve:
                self.found.append(_join(path, name))

    def kept(self, node: Node | None, value: Any, path: str) -> None:
        if node is None:
            return
        if isinstance(value, dict):
            for name, child in value.items():
                shape = node.member(name)
                if shape is not None and not (node.embedded and name in META_FIELDS):
                    self.value(shape, child, _join(path, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.kept(node.items, item, f"{path}[{index}]")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
