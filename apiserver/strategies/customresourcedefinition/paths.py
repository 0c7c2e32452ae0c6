"""Field paths such as `.spec.list[0]['key']`, followed through a schema."""

from __future__ import annotations

import re

from podwright.api.structural.node import Node

_STEP = re.compile(r"\.(?P<field>[A-Za-z_][\w-]*)|\[(?P<index>\d+)\]|\[\'(?P<key>(?:\\.|[^'\\])*)\'\]", re.ASCII)


class PathError(ValueError):
    """A path leads nowhere."""


def resolve(node: Node, path: str, *, arrays: bool = True) -> Node:
    """The schema that a path leads to. Raises PathError."""
    if not path:
        raise PathError("must not be empty")
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            msg = f"expected [ or . but got: {path[at:]}"
            raise PathError(msg)
        found = node.items if step["index"] is not None and arrays else None
        if step["index"] is None:
            name = step["field"] if step["field"] is not None else re.sub(r"\\(.)", r"\1", step["key"])
            found = node.properties.get(name) or (node.additional if step["field"] is None else None)
        if found is None:
            raise PathError("does not refer to a valid field")
        node, at = found, step.end()
    return node
