"""JSONPath templates as kubectl's users write them: `{.items[*].metadata.name}`, `{range ...}{end}`, filters, unions.

    template  text and {expression}s
    expression  path | "text" | range path | end
    path  ($|@)? (.name | ..name | ['name'] | [n] | [a:b:c] | [*] | [?(@.x == "y")] | [a,b])*

Pure. Errors are JsonPathError with the place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Step = Callable[[Any], Iterator[Any]]


class JsonPathError(ValueError):
    """The template cannot be parsed."""


class Missing(LookupError):
    """A field that the template names is not there."""


_TOKEN = re.compile(r"\{((?:[^{}\"']|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')*)\}")
_NAME = re.compile(r"\.(?:\\.|[^.\[\]\s\\=!<>)|,&])+")
_FILTER = re.compile(r"\?\((.*)\)$", re.DOTALL)
_COMPARE = re.compile(r"^(.+?)\s*(==|!=|>=|<=|>|<)\s*(.+)$", re.DOTALL)
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


def render(template: str, data: Any, *, allow_missing: bool = True) -> str:
    """Evaluate a whole template. Raises JsonPathError, and Missing unless `allow_missing`."""
    parts = _split(template)
    body, rest = _block(parts, 0, template)
    if rest != len(parts):
        msg = f"cannot parse template {template!r}: {{end}} without {{range}}"
        raise JsonPathError(msg)
    return "".join(_run(body, data, allow_missing=allow_missing))


def find(path: str, data: Any) -> list[Any]:
    """All values that a relaxed path ("metadata.name", ".metadata.name", "{.metadata.name}") selects."""
    return finder(path)(data)


def finder(path: str) -> Callable[[Any], list[Any]]:
    """What `find` does, with the path parsed once. Raises JsonPathError."""
    path = path.strip()
    if path.startswith("{") and path.endswith("}"):
        path = path[1:-1]
    if path and path[0] not in ".[$@":
        path = "." + path
    steps = _parse(path)
    return lambda data: list(_select(steps, data))


Node = tuple[str, Any, Any]  # ("text", str, None) | ("path", steps, source) | ("range", steps, list of nodes)


def _split(template: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    at = 0
    for match in _TOKEN.finditer(template):
        if match.start() > at:
            parts.append(("text", template[at : match.start()]))
        parts.append(("expr", match.group(1).strip()))
        at = match.end()
    tail = template[at:]
    if "{" in tail:
        msg = f"cannot parse template {template!r}: unclosed action at {tail!r}"
        raise JsonPathError(msg)
    if tail:
        parts.append(("text", tail))
    return parts


def _block(parts: list[tuple[str, str]], at: int, template: str, *, inside: bool = False) -> tuple[list[Node], int]:
    nodes: list[Node] = []
    while at < len(parts):
        kind, text = parts[at]
        if kind == "text":
            nodes.append(("text", text, None))
        elif text == "end":
            return nodes, at if not inside else at + 1
        elif text.startswith("range"):
            steps = _parse(text[5:].strip())
            body, at = _block(parts, at + 1, template, inside=True)
            nodes.append(("range", steps, body))
            continue
        elif text[:1] in {'"', "'"}:
            nodes.append(("text", _unquote(text), None))
        else:
            nodes.append(("path", _parse(text), text))
        at += 1
    if inside:
        msg = f"cannot parse template {template!r}: {{range}} without {{end}}"
        raise JsonPathError(msg)
    return nodes, at


def _run(nodes: list[Node], data: Any, *, allow_missing: bool) -> Iterator[str]:
    for kind, value, extra in nodes:
        if kind == "text":
            yield value
        elif kind == "range":
            for item in _select(value, data):
                yield from _run(extra, item, allow_missing=allow_missing)
        else:
            found = list(_select(value, data))
            if not found and not allow_missing:
                msg = f"{extra.lstrip('.$@')} is not found"
                raise Missing(msg)
            yield " ".join(show(v) for v in found)


def show(value: Any) -> str:
    """A found value as text: strings as they are, what is composed as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _select(steps: list[Step], data: Any) -> Iterator[Any]:
    if not steps:
        yield data
        return
    for value in steps[0](data):
        yield from _select(steps[1:], value)


def _parse(path: str) -> list[Step]:
    steps: list[Step] = []
    at = 1 if path[:1] in {"$", "@"} else 0
    while at < len(path):
        if path.startswith("..", at):
            match = _NAME.match(path, at + 1)
            name = _unescape(match.group()[1:]) if match else "*"
            steps.append(_descend(name))
            at = match.end() if match else at + 2
        elif path[at] == ".":
            match = _NAME.match(path, at)
            if match is None:
                at += 1  # "." alone is the value itself; ".[" leads to the bracket
                continue
            steps.append(_field(_unescape(match.group()[1:])))
            at = match.end()
        elif path[at] == "[":
            close = _closing(path, at)
            steps.append(_bracket(path[at + 1 : close].strip()))
            at = close + 1
        else:
            msg = f"cannot parse path {path!r}: unexpected {path[at]!r} at position {at}"
            raise JsonPathError(msg)
    return steps


def _unescape(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _closing(path: str, at: int) -> int:
    depth, quote = 0, ""
    for i in range(at, len(path)):
        char = path[i]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth == 0:
                return i
    msg = f"cannot parse path {path!r}: unterminated array at position {at}"
    raise JsonPathError(msg)


def _bracket(inner: str) -> Step:
    if inner == "*":
        return _all
    filtered = _FILTER.match(inner)
    if filtered:
        return _filter(filtered.group(1).strip())
    if inner[:1] in {"'", '"'}:
        return _union([_field(_unquote(p.strip())) for p in inner.split(",")])
    return _union([_index(p.strip()) for p in inner.split(",")])


def _union(steps: list[Step]) -> Step:
    if len(steps) == 1:
        return steps[0]

    def each(value: Any) -> Iterator[Any]:
        for step in steps:
            yield from step(value)

    return each


def _field(name: str) -> Step:
    if name == "*":
        return _all

    def field(value: Any) -> Iterator[Any]:
        if isinstance(value, Mapping) and name in value:
            yield value[name]

    return field


def _all(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _index(text: str) -> Step:
    try:
        bounds = [int(p) if p.strip() else None for p in text.split(":")]
    except ValueError:
        msg = f"cannot parse path: invalid array index {text!r}"
        raise JsonPathError(msg) from None

    def index(value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            return
        if len(bounds) == 1 and bounds[0] is not None:
            if -len(value) <= bounds[0] < len(value):
                yield value[bounds[0]]
        else:
            yield from value[slice(*bounds)]

    return index


def _descend(name: str) -> Step:
    def walk(value: Any) -> Iterator[Any]:
        if isinstance(value, Mapping):
            if name == "*":
                yield from value.values()
            elif name in value:
                yield value[name]
            for child in value.values():
                yield from walk(child)
        elif isinstance(value, list):
            if name == "*":
                yield from value
            for child in value:
                yield from walk(child)

    return walk


def _filter(expression: str) -> Step:
    match = _COMPARE.match(expression)
    if match is None:
        steps = _parse(expression)
        return lambda value: (v for v in _all(value) if any(True for _ in _select(steps, v)))
    left, operator, right = _operand(match.group(1)), _OPERATORS[match.group(2)], _operand(match.group(3))

    def keep(value: Any) -> Iterator[Any]:
        for item in _all(value):
            a, b = left(item), right(item)
            try:
                if a and b and operator(a[0], b[0]):
                    yield item
            except TypeError:
                continue  # values of two types have no order: no match

    return keep


def _operand(text: str) -> Callable[[Any], list[Any]]:
    text = text.strip()
    if text[:1] in {"@", "$", "."}:
        steps = _parse(text)
        return lambda item: list(_select(steps, item))
    if text[:1] in {"'", '"'}:
        constant: Any = _unquote(text)
    else:
        try:
            constant = json.loads(text)
        except ValueError:
            msg = f"cannot parse filter: {text!r} is no path, text or number"
            raise JsonPathError(msg) from None
    return lambda _: [constant]


def _unquote(text: str) -> str:
    quote = text[0]
    if len(text) < 2 or text[-1] != quote:
        msg = f"cannot parse template: unterminated quoted string {text}"
        raise JsonPathError(msg)
    escapes = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", quote: quote}
    return re.sub(r"\\(.)", lambda m: escapes.get(m.group(1), m.group()), text[1:-1])
