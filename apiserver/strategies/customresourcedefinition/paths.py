"""Field paths such as `.spec.list['key']`, followed through a schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from podwright.api.structural.node import Node

_PART: Final = re.compile(r"[.\[\]]|'(?:\\.|[^'\\])*'|[^.\[\]]+")


class PathError(ValueError):
    """A path leads nowhere."""


def resolve(node: Node, path: str, *, brackets: bool = True) -> Node:
    """The schema that a path leads to: by names of members, and by keys of mappings.

    Without `brackets` names and keys can only follow a dot. Raises PathError.
    """
    if not path:
        raise PathError("must not be empty")
    parts = iter(_PART.findall(path))
    for part in parts:
        if part == ".":
            node = _member(node, _next(parts))
        elif part != "[":
            msg = f"expected [ or . but got: {part}"
            raise PathError(msg)
        elif not brackets:
            raise PathError("array notation is not allowed")
        else:
            node = _member(node, _quoted(_next(parts)))
            end = _next(parts)
            if end != "]":
                msg = f"expected ] but got {end}"
                raise PathError(msg)
    return node


def _next(parts: Iterator[str]) -> str:
    part = next(parts, None)
    if part is None:
        raise PathError("unexpected end of JSON path")
    return part


def _quoted(part: str) -> str:
    if len(part) < 2 or part[0] != "'" or part[-1] != "'":
        msg = f"expected single quoted string but got {part}"
        raise PathError(msg)
    return re.sub(r"\\(.)", r"\1", part[1:-1])


def _member(node: Node, name: str) -> Node:
    found = node.properties.get(name) if node.properties else node.additional
    if found is None:
        raise PathError("does not refer to a valid field")
    return found
