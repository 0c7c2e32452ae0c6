"""What a configuration would replace as a whole: lists, maps and objects that are owned in one piece. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.api.apply.shapes import ANY, KEYED, MAP, SET, Shape


def atomics(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of the parts of a value that would take the place of all that is there."""
    if isinstance(value, dict):
        if shape.form == MAP:
            for name, part in value.items():
                if name in shape.fields:
                    yield from atomics(shape.child(name), part, f"{path}.{name}")
        elif shape.form != ANY:
            yield path
    elif isinstance(value, list):
        if shape.form not in {KEYED, SET}:
            yield path
        elif shape.item is not None:
            for index, part in enumerate(value):
                yield from atomics(shape.item, part, f"{path}[{index}]")
