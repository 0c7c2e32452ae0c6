"""Path elements: the steps that lead from an object to a field, in the text form that managedFields uses.

`f:name` is a field or key, `k:{...}` a list item by its keys, `v:...` an item of a set by its value, `i:N` one by its
place; `.` stands for the field itself. The texts are their own identity: equal elements have equal texts. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

SELF = "."
_CACHED = 8192
_UNKNOWN_RANK = 4
# JSON inside elements is written as HTML-safe JSON.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_NUMBER, _STRING, _BOOLEAN, _OTHER = range(4)


class BadElement(ValueError):
    """A text that is no path element."""


def field(name: str) -> str:
    """The element of a field or map key."""
    return "f:" + name


@lru_cache(_CACHED)
def _one_key(name: str, value: str) -> str:
    return f'k:{{"{name}":{_json(value)}}}'


def keyed(keys: Mapping[str, Any]) -> str:
    """The element of a list item by its keys (given in any order)."""
    if len(keys) == 1:
        ((name, value),) = keys.items()
        if isinstance(value, str):
            return _one_key(name, value)
    return "k:{" + ",".join([f"{_json(name)}:{_json(keys[name])}" for name in sorted(keys)]) + "}"


def valued(value: Any) -> str:
    """The element of an item of a set."""
    return "v:" + _json(value)


def _json(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text.translate(_ESCAPES) if not text.isalnum() else text


@lru_cache(_CACHED)
def order(element: str) -> tuple[Any, ...]:
    """A sort key: fields by name, then items by their keys, by value, by place. Raises BadElement."""
    if element == SELF:
        return (-1,)
    kind, content = element[:2], element[2:]
    if kind == "f:":
        return (0, content)
    if kind == "k:":
        return (1, tuple((name, *_rank(value)) for name, value in sorted(_load(element).items())))
    if kind == "v:":
        return (2, *_rank(_load(element)))
    return (3, int(content)) if kind == "i:" else (_UNKNOWN_RANK, element)


def _rank(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (_BOOLEAN, value)
    if isinstance(value, int | float):
        return (_NUMBER, value)
    return (_STRING, value) if isinstance(value, str) else (_OTHER, orjson.dumps(value))


def _load(element: str) -> Any:
    try:
        value = orjson.loads(element[2:])
    except orjson.JSONDecodeError as error:
        msg = f"cannot read the path element {element!r}: {error}"
        raise BadElement(msg) from error
    if element[0] == "k" and not isinstance(value, dict):
        msg = f"cannot read the path element {element!r}: its keys are no mapping"
        raise BadElement(msg)
    return value


@lru_cache(_CACHED)
def normal(element: str) -> str | None:
    """The one text of an element as anyone may have written it; None for a kind nobody knows. Raises BadElement."""
    if len(element) < 2 or element[1] != ":":
        msg = f"cannot read the path element {element!r}: it has no kind"
        raise BadElement(msg)
    kind = element[0]
    if kind == "f":
        return element
    if kind == "k":
        return keyed(_load(element))
    if kind == "v":
        return valued(_load(element))
    if kind == "i":
        if not element[2:].lstrip("-").isdecimal():
            msg = f"cannot read the path element {element!r}: its place is no number"
            raise BadElement(msg)
        return f"i:{int(element[2:])}"
    return None


def shown(element: str) -> str:
    """An element as messages show it: `.name`, `[key="value"]`, `[="value"]`, `[3]`."""
    kind = element[0]
    if kind == "f":
        return f".{element[2:]}"
    if kind == "k":
        return "[" + ",".join(f"{name}={_text(value)}" for name, value in sorted(_load(element).items())) + "]"
    return f"[={_text(_load(element))}]" if kind == "v" else f"[{element[2:]}]"


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
