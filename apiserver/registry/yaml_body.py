"""YAML request bodies: parsed with plain JSON types, repeated keys reported. Imported only when one arrives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml
from yaml.scanner import ScannerError

from podwright.api.model import Problem
from podwright.apiserver.registry.decoding import REPEATED

JSON = dict[str, Any]
_NAMED = re.compile(r"(the tag|undefined alias) .*", re.DOTALL)
"""The tag or alias that is not known: what looks like one may be a value that was to be quoted."""
_MAX_VALUES = 1_000_000
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """A safe loader without dates (they stay text) that remembers repeated keys."""

    repeated: list[str]

    def construct_mapping(self, node: Any, deep: bool = False) -> JSON:
        """Build a mapping, noting repeated keys."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                self.repeated.append(f'line {key.start_mark.line + 1}: key "{key.value}" already set in map')
            seen.add(key.value)
        built: JSON = super().construct_mapping(node, deep)
        return {k if isinstance(k, str) else _key(k): v for k, v in built.items()}


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}


class NoMappingError(ValueError):
    """The document is a list or a scalar."""

    def __init__(self, found: Any) -> None:
        super().__init__("yaml: the document is not a mapping")
        self.found = found


def _key(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def load_yaml(body: bytes, *, too_deep: Callable[[Any], bool] | None = None) -> tuple[JSON, list[Problem]]:
    """Parse the first YAML document into a mapping; `too_deep` refuses it.

    Raises NoMappingError, and ValueError naming the line.
    """
    repeated: list[str] = []
    try:
        loader = _Loader(body)
        loader.repeated = repeated
        obj = loader.get_data() if loader.check_data() else None
    except yaml.MarkedYAMLError as error:
        # Clients know the lines that a scanner stopped at counted from one, those of a parser from nought.
        line = (error.problem_mark.line if error.problem_mark else 0) + isinstance(error, ScannerError)
        problem = _NAMED.sub(r"\1", error.problem or "")
        msg = f"yaml: line {line}: {problem}" if line else f"yaml: {problem}"
        raise ValueError(msg) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        msg = f"yaml: {error}"
        raise ValueError(msg) from error
    if obj is None:
        return {}, []
    if not isinstance(obj, dict):
        raise NoMappingError(obj)
    if _size(obj, {}) > _MAX_VALUES:
        msg = f"yaml: the document has more than {_MAX_VALUES} values once its aliases are written out"
        raise ValueError(msg)
    if too_deep is not None and too_deep(obj):
        msg = "yaml: exceeded max depth"
        raise ValueError(msg)
    if not repeated:
        return obj, []
    return obj, [Problem("duplicate", "", REPEATED + "\n".join(f"  {line}" for line in repeated))]


def _size(value: Any, known: dict[int, int]) -> int:
    """Number of values when aliases are written out; a value inside itself is endless."""
    if not isinstance(value, dict | list):
        return 1
    found = known.get(id(value))
    if found is None:
        known[id(value)] = _MAX_VALUES + 1  # met again before it is done: inside itself
        children = value.values() if isinstance(value, dict) else value
        found = known[id(value)] = 1 + sum(_size(child, known) for child in children)
    return found
