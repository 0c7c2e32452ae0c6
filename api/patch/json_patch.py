"""JSON patch (RFC 6902) as the API's clients know it.

It differs from the RFC where the API always has: `replace` of a missing key adds it, a pointer's first character
is not looked at, negative indexes count from the end (`-1` is the last element), a missing value is null.
The input is never changed: what an operation touches is copied once on the way down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from podwright.api.patch.errors import FailedTest, PatchError, bad_request, too_large, unprocessable

JSON = dict[str, Any]
Container = dict[str, Any] | list[Any]

_NAMES: Final = {dict: "object", list: "array"}
MAX_OPERATIONS: Final = 10_000
MAX_COPIED: Final = 1_000_000  # values that `copy` may make in one patch: copies of copies grow exponentially


def apply(document: JSON, operations: Any) -> JSON:
    """Return the patched document; all operations or none. Raises PatchError."""
    if not isinstance(operations, list):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    if len(operations) > MAX_OPERATIONS:
        msg = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}"
        raise too_large(msg)
    work = _Work(document)
    for operation in [_check(operation) for operation in operations]:
        work.run(operation)
    if not isinstance(work.root, dict):
        raise bad_request("the patched document is no object")
    return work.root


def _check(operation: Any) -> JSON:
    if operation is None:
        return {}
    if not isinstance(operation, dict):
        raise bad_request("error decoding patch: an operation is an object")
    for key in ("op", "path", "from"):
        value = operation.get(key)
        if value is not None and not isinstance(value, str):
            got = "bool" if isinstance(value, bool) else _NAMES.get(type(value), "number")
            where = f"Go struct field jsonPatchOp.{key} of type string"
            raise bad_request(f"error decoding patch: json: cannot unmarshal {got} into {where}")
    return operation


class _Work:
    """The document while it is being changed: `root`, and which containers in it are already ours to write."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._own: dict[int, Container] = {}  # by id; holding them keeps the ids from being used again
        self._copied = 0
        self._verbs: dict[str, Callable[[JSON], None]] = {
            "add": self._add,
            "remove": self._remove,
            "replace": self._replace,
            "move": self._move,
            "copy": self._copy,
            "test": self._test,
        }

    def run(self, operation: JSON) -> None:
        verb = self._verbs.get(operation.get("op", ""))
        if verb is None:
            msg = f"unexpected kind: {operation.get('op', '')}"
            raise unprocessable(msg)
        if operation.get("path") is None:
            raise unprocessable("missing path")
        verb(operation)

    def _add(self, operation: JSON) -> None:
        self._insert(operation["path"], operation.get("value"))

    def _remove(self, operation: JSON) -> None:
        self._take(operation["path"])

    def _replace(self, operation: JSON) -> None:
        path = operation["path"]
        if not path:
            self.root = operation.get("value")
            return
        parent, key = self._parent(path, own=True)
        if isinstance(parent, list):
            parent[_index(key, len(parent), path)] = operation.get("value")
        else:
            parent[key] = operation.get("value")

    def _move(self, operation: JSON) -> None:
        self._insert(operation["path"], self._take(self._source(operation)))

    def _copy(self, operation: JSON) -> None:
        path = self._source(operation)
        parent, key = self._parent(path, own=False)
        # A second place for the same container would let a later operation change both.
        self._insert(operation["path"], self._clone(_get(parent, key, path)))

    def _test(self, operation: JSON) -> None:
        path, wanted = operation["path"], operation.get("value")
        if not path:
            found = self.root
        else:
            parent, key = self._parent(path, own=False)
            found = parent.get(key) if isinstance(parent, dict) else _get(parent, key, path)
        if not same(found, wanted):
            raise FailedTest(path)

    def _source(self, operation: JSON) -> str:
        if operation.get("from") is None:
            raise unprocessable("missing from")
        return operation["from"]

    def _insert(self, path: str, value: Any) -> None:
        parent, key = self._parent(path, own=True)
        if isinstance(parent, dict):
            parent[key] = value
        elif key == "-":
            parent.append(value)
        else:
            parent.insert(_index(key, len(parent) + 1, path), value)

    def _take(self, path: str) -> Any:
        parent, key = self._parent(path, own=True)
        if isinstance(parent, list):
            return parent.pop(_index(key, len(parent), path))
        if key not in parent:
            raise _missing(path)
        return parent.pop(key)

    def _parent(self, path: str, *, own: bool) -> tuple[Container, str]:
        """Return the container that holds the last part of a pointer; with `own`, one that may be written."""
        _, slash, rest = path.partition("/")
        if not slash:
            raise _missing(path)
        *steps, last = [part.replace("~1", "/").replace("~0", "~") for part in rest.split("/")]
        if own:
            self.root = self._owned(self.root, path)
        here = _container(self.root, path)
        for step in steps:
            below = _get(here, step, path)
            if own:
                below = self._owned(below, path)
                if isinstance(here, list):
                    here[_index(step, len(here), path)] = below
                else:
                    here[step] = below
            here = _container(below, path)
        return here, last

    def _owned(self, value: Any, path: str) -> Container:
        here = _container(value, path)
        if id(here) in self._own:
            return here
        mine = here.copy()
        self._own[id(mine)] = mine
        return mine

    def _clone(self, value: Any) -> Any:
        self._copied += 1
        if self._copied > MAX_COPIED:
            msg = f"a JSON patch may copy at most {MAX_COPIED} values"
            raise too_large(msg)
        if isinstance(value, dict):
            return {key: self._clone(item) for key, item in value.items()}
        return [self._clone(item) for item in value] if isinstance(value, list) else value


def same(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are equal; unlike Python's, `true` is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right and isinstance(left, bool) is isinstance(right, bool)


def _missing(path: str) -> PatchError:
    return unprocessable(f"doc is missing path: {path}")


def _container(value: Any, path: str) -> Container:
    if isinstance(value, (dict, list)):
        return value
    raise _missing(path)


def _get(container: Container, key: str, path: str) -> Any:
    if isinstance(container, list):
        return container[_index(key, len(container), path)]
    if key not in container:
        raise _missing(path)
    return container[key]


def _index(key: str, size: int, path: str) -> int:
    """Return the place that a pointer's part names among `size` places."""
    digits = key[1:] if key[:1] in ("-", "+") else key
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        msg = f"no index: {key!r} in {path}"
        raise unprocessable(msg)
    index = int(key)
    if not -size <= index < size:
        msg = f"unable to access invalid index: {index} in {path}"
        raise unprocessable(msg)
    return index % size
