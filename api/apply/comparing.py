"""What changed between two states of an object, as two sets of fields. Pure.

Equal parts are passed over by comparing them as a whole, which is most of every object on most writes. The type, the
name and what else the server itself keeps in metadata is nobody's and never compared.
"""

from __future__ import annotations

from typing import Any

from podwright.api.apply.collecting import whole
from podwright.api.apply.fieldset import LEAF as EMPTY
from podwright.api.apply.fieldset import Fields
from podwright.api.apply.shapes import ANY, KEYED, MAP, QUANTITY, Shape
from podwright.api.quantity import QuantityError
from podwright.api.quantity import compare as compare_quantities

JSON = dict[str, Any]
UNOWNED = frozenset((
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields",
    "resourceVersion",
))  # fmt: skip
"""Fields of metadata that nobody owns."""

_UNCOMPARED = frozenset(("kind", "apiVersion", "metadata"))


def compare(shape: Shape, old: JSON, new: JSON) -> tuple[Fields, Fields]:
    """The fields that are new or have another value, and those that are gone."""
    changed: Fields = {}
    removed: Fields = {}
    for name, value in new.items():
        if name in _UNCOMPARED:
            continue
        known = shape.fields.get(name)
        element, inner = known if known is not None else ("f:" + name, shape.child(name))
        if name not in old:
            changed[element] = whole(inner, value)
        elif old[name] != value:
            _compare(inner, element, old[name], value, changed, removed)
    _metadata(shape, old.get("metadata") or {}, new.get("metadata") or {}, changed, removed)
    for name, value in old.items():
        if name not in new and name not in _UNCOMPARED:
            removed["f:" + name] = whole(shape.child(name), value)
    return changed, removed


def _metadata(shape: Shape, old: JSON, new: JSON, changed: Fields, removed: Fields) -> None:
    shape = shape.child("metadata")
    more: Fields = {}
    less: Fields = {}
    for name, value in new.items():
        if name not in UNOWNED:
            if name not in old:
                more["f:" + name] = whole(shape.child(name), value)
            elif old[name] != value:
                _compare(shape.child(name), "f:" + name, old[name], value, more, less)
    for name, value in old.items():
        if name not in new and name not in UNOWNED:
            less["f:" + name] = whole(shape.child(name), value)
    if more:
        changed["f:metadata"] = more
    if less:
        removed["f:metadata"] = less


def _compare(shape: Shape, element: str, old: Any, new: Any, changed: Fields, removed: Fields) -> None:
    """Note how a field that is there before and after, and is not equal, has changed."""
    form = shape.form
    if form < MAP:
        if form != QUANTITY or not same_quantity(old, new):
            changed[element] = EMPTY
        return
    if not old and not new:  # null or empty: a value like any other
        changed[element] = EMPTY
        return
    more: Fields = {}
    less: Fields = {}
    if form in {MAP, ANY}:
        if _is_map(old) and _is_map(new):
            _maps(shape, old or {}, new or {}, more, less)
        else:
            more = EMPTY if not _is_map(new) else whole(shape, new)
            changed[element] = more
            if isinstance(old, dict):
                _maps(shape, old, {}, {}, less)
            if less:
                removed[element] = less
            return
    elif isinstance(old or [], list) and isinstance(new or [], list):
        _lists(shape, old or [], new or [], more, less)
    else:
        changed[element] = EMPTY
        return
    if more:
        changed[element] = more
    if less:
        removed[element] = less


def _is_map(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _maps(shape: Shape, old: JSON, new: JSON, changed: Fields, removed: Fields) -> None:
    fields = shape.fields
    for name, value in new.items():
        known = fields.get(name)
        if known is not None:
            element, inner = known
        else:
            element, inner = "f:" + name, shape.child(name)
        if name not in old:
            changed[element] = whole(inner, value)
        elif old[name] != value:
            _compare(inner, element, old[name], value, changed, removed)
    if len(old) > len(new) or old.keys() - new.keys():
        for name, value in old.items():
            if name not in new:
                removed["f:" + name] = whole(shape.child(name), value)


def _lists(shape: Shape, old: list[Any], new: list[Any], changed: Fields, removed: Fields) -> None:
    before, after = _index(shape, old), _index(shape, new)
    inner = shape.item
    if inner is None:
        return
    for element, now in after.items():
        was = before.get(element)
        if was is None:
            changed[element] = EMPTY if len(now) > 1 else whole(inner, now[0])
        elif was == now:
            continue
        elif len(was) == 1 and len(now) == 1:
            if shape.form == KEYED:
                _compare(inner, element, was[0], now[0], changed, removed)
        else:
            # An item that is there several times is owned as a whole; one that became single is owned in full again.
            changed[element] = EMPTY if len(now) > 1 else whole(inner, now[0])
            if len(was) == 1:
                gone = {name: node for name, node in whole(inner, was[0]).items() if name != "."}
                if gone:
                    removed[element] = gone
    for element, was in before.items():
        if element not in after:
            removed[element] = EMPTY if len(was) > 1 else whole(inner, was[0])


def _index(shape: Shape, values: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in values:
        found.setdefault(shape.element(item), []).append(item)
    return found


def same_quantity(first: Any, second: Any) -> bool:
    """Tell whether two spellings mean the same quantity."""
    try:
        return compare_quantities(first, second) == 0
    except (QuantityError, TypeError, AttributeError):
        return False
