"""The fields of a new object, found fast: objects that are made from one template hold the same. Pure.

What differs between them is metadata; the answer for anything else is remembered by its content. Few are remembered:
what counts is the burst of objects of one template, and each takes some kilobytes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from podwright.api.apply.collecting import whole
from podwright.api.apply.comparing import UNOWNED, compare
from podwright.api.apply.fieldset import Fields, ordered
from podwright.api.apply.shapes import Shape

JSON = dict[str, Any]
_REMEMBERED = 64
_TYPE = frozenset(("kind", "apiVersion"))  # nobody's


def new_fields(shape: Shape, blank: JSON, obj: JSON) -> Fields:
    """What `obj` has that `blank`, an object of the type that nobody has written to, has not; in order."""
    fields: Fields = {}
    for name, value in obj.items():
        if name in _TYPE:
            continue
        if name == "metadata" and not blank.get(name):
            if isinstance(value, dict) and (owned := _metadata(shape.child(name), value)):
                fields["f:metadata"] = owned
        elif isinstance(value, dict) and name != "metadata":
            before = orjson.dumps(blank[name]) if name in blank else b""
            fields.update(_part(shape, name, before, orjson.dumps(value)))
        else:
            before_value: JSON = {name: blank[name]} if name in blank else {}
            fields.update(ordered(compare(shape, before_value, {name: value})[0]))
    return {element: fields[element] for element in sorted(fields)}


def _metadata(shape: Shape, metadata: JSON) -> Fields:
    """What is owned of new metadata, in order: what `whole` gives is that already."""
    return {"f:" + name: whole(shape.child(name), metadata[name]) for name in sorted(metadata.keys() - UNOWNED)}


@lru_cache(_REMEMBERED)
def _part(shape: Shape, name: str, before: bytes, value: bytes) -> Fields:
    old: JSON = {name: orjson.loads(before)} if before else {}
    return ordered(compare(shape, old, {name: orjson.loads(value)})[0])
