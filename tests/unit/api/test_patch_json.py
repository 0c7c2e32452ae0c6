"""JSON patch against a naive implementation that copies everything."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.patch import json_patch
from podwright.api.patch.errors import FailedTest, PatchError

JSON = dict[str, Any]
keys = st.sampled_from(["a", "b", "c/d", "e~f", "0"])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "x"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
documents = st.dictionaries(keys, values, max_size=4)


class NaiveError(Exception):
    pass


def naive(document: JSON, operations: list[JSON]) -> Any:
    """A new deep copy for every step; no cleverness at all."""
    root: Any = copy.deepcopy(document)
    for raw in operations:
        operation = copy.deepcopy(raw)
        match operation["op"]:
            case "add":
                root = put(root, parts(operation["path"]), operation["value"], insert=True)
            case "replace" if not operation["path"]:
                root = operation["value"]
            case "replace":
                root = put(root, parts(operation["path"]), operation["value"], insert=False)
            case "remove":
                root, _ = cut(root, parts(operation["path"]))
            case "move":
                root, value = cut(root, parts(operation["from"]))
                root = put(root, parts(operation["path"]), value, insert=True)
            case "copy":
                _, value = cut(copy.deepcopy(root), parts(operation["from"]))
                root = put(root, parts(operation["path"]), value, insert=True)
            case _:
                found = root
                path = parts(operation["path"]) if operation["path"] else []
                for at, part in enumerate(path):
                    if isinstance(found, dict) and part not in found and at == len(path) - 1:
                        found = None
                    else:
                        found = child(found, part)
                if repr(normal(found)) != repr(normal(operation["value"])):
                    raise NaiveError
    return root


def normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {"map": sorted((key, normal(item)) for key, item in value.items())}
    return [normal(item) for item in value] if isinstance(value, list) else value


def parts(path: str) -> list[str]:
    if "/" not in path:
        raise NaiveError
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def index(part: str, size: int) -> int:
    try:
        number = int(part)
    except ValueError as error:
        raise NaiveError from error
    if not -size <= number < size:
        raise NaiveError
    return number % size


def child(value: Any, part: str) -> Any:
    if isinstance(value, list):
        return value[index(part, len(value))]
    if not isinstance(value, dict) or part not in value:
        raise NaiveError
    return value[part]


def put(root: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    parent = root
    for part in path[:-1]:
        parent = child(parent, part)
    last = path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif not isinstance(parent, list):
        raise NaiveError
    elif not insert:
        parent[index(last, len(parent))] = value
    elif last == "-":
        parent.append(value)
    else:
        parent.insert(index(last, len(parent) + 1), value)
    return root


def cut(root: Any, path: list[str]) -> tuple[Any, Any]:
    parent = root
    for part in path[:-1]:
        parent = child(parent, part)
    value = child(parent, path[-1])
    if isinstance(parent, list):
        parent.pop(index(path[-1], len(parent)))
    else:
        del parent[path[-1]]
    return root, value


pointers = st.lists(st.sampled_from(["a", "b", "c~1d", "e~0f", "0", "1", "-", "-1", "2"]), max_size=3).map(
    lambda steps: "".join(f"/{step}" for step in steps)
)
operations = st.one_of(
    st.builds(lambda op, path, value: {"op": op, "path": path, "value": value},
              st.sampled_from(["add", "replace", "test"]), pointers, values),
    st.builds(lambda path: {"op": "remove", "path": path}, pointers),
    st.builds(lambda op, path, source: {"op": op, "path": path, "from": source},
              st.sampled_from(["move", "copy"]), pointers, pointers),
)  # fmt: skip


@given(documents, st.lists(operations, max_size=6))
def test_agrees_with_the_naive_way(document: JSON, patch: list[JSON]) -> None:
    before, patch_before = copy.deepcopy(document), copy.deepcopy(patch)
    try:
        wanted = naive(document, patch)
    except NaiveError:
        wanted = None
    if not isinstance(wanted, dict):
        with pytest.raises(PatchError):
            json_patch.apply(document, patch)
    else:
        assert json_patch.same(json_patch.apply(document, patch), wanted)
    assert json_patch.same(document, before), "the document was changed"
    assert json_patch.same(patch, patch_before), "the patch was changed"


@pytest.mark.parametrize(
    ("document", "patch", "wanted"),
    [
        ({"a": 1}, [{"op": "replace", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
        ({"a": 1}, [{"op": "add", "path": "ignored/b", "value": 2}], {"a": 1, "b": 2}),
        ({"a": [1, 2]}, [{"op": "remove", "path": "/a/-1"}], {"a": [1]}),
        ({"a": [1, 2]}, [{"op": "add", "path": "/a/2", "value": 3}], {"a": [1, 2, 3]}),
        ({"a": [1, 2]}, [{"op": "add", "path": "/a/-", "value": 3}], {"a": [1, 2, 3]}),
        ({"a": [1]}, [{"op": "add", "path": "/a/0"}], {"a": [None, 1]}),
        ({}, [{"op": "test", "path": "/a", "value": None}], {}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 1}}], {"b": 1}),
        ({"a": {"b": 1}}, [{"op": "move", "from": "/a/b", "path": "/c"}], {"a": {}, "c": 1}),
        ({}, [], {}),
    ],
)
def test_results(document: JSON, patch: list[JSON], wanted: JSON) -> None:
    assert json_patch.apply(document, patch) == wanted


def test_copies_are_independent() -> None:
    patch = [
        {"op": "copy", "from": "/a", "path": "/b"},
        {"op": "add", "path": "/b/x", "value": 1},
        {"op": "copy", "from": "/b", "path": "/c"},
        {"op": "add", "path": "/c/y", "value": 2},
    ]
    assert json_patch.apply({"a": {}}, patch) == {"a": {}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}


def test_a_value_used_twice_stays_whole() -> None:
    value = {"k": 1}
    patch = [{"op": "add", "path": "/a", "value": value}, {"op": "add", "path": "/b", "value": value},
             {"op": "add", "path": "/a/k", "value": 2}]  # fmt: skip
    assert json_patch.apply({}, patch) == {"a": {"k": 2}, "b": {"k": 1}}
    assert value == {"k": 1}


@pytest.mark.parametrize(
    ("patch", "kind"),
    [
        ({}, "bad-request"),
        ([1], "bad-request"),
        ([{"op": 1, "path": "/a"}], "bad-request"),
        ([{"op": "replace", "path": "", "value": []}], "bad-request"),
        ([{"op": "nope", "path": "/a"}], "unprocessable"),
        ([{"path": "/a"}], "unprocessable"),
        ([{"op": "add", "value": 1}], "unprocessable"),
        ([{"op": "move", "path": "/b"}], "unprocessable"),
        ([{"op": "remove", "path": "/none"}], "unprocessable"),
        ([{"op": "remove", "path": ""}], "unprocessable"),
        ([{"op": "add", "path": "/s/x", "value": 1}], "unprocessable"),
        ([{"op": "add", "path": "/none/x", "value": 1}], "unprocessable"),
        ([{"op": "replace", "path": "/l/9", "value": 1}], "unprocessable"),
        ([{"op": "replace", "path": "/l/²", "value": 1}], "unprocessable"),
        ([{"op": "test", "path": "/s", "value": "no"}], "unprocessable"),
        ([{"op": "test", "path": "/t", "value": 1}], "unprocessable"),
        ([{"op": "move", "from": "/none", "path": "/b"}], "unprocessable"),
        ([{"op": "test", "path": "/s", "value": "x"}] * 10_001, "too-large"),
        ([{"op": "copy", "from": "/l", "path": "/l/-"}] * 30, "too-large"),
    ],
)
def test_refusals(patch: Any, kind: str) -> None:
    document = {"s": "x", "l": [1], "t": True}
    with pytest.raises(PatchError) as caught:
        json_patch.apply(document, patch)
    assert caught.value.kind == kind
    assert document == {"s": "x", "l": [1], "t": True}


def test_answers() -> None:
    def answer(patch: Any) -> tuple[int, str]:
        with pytest.raises(PatchError) as caught:
            json_patch.apply({}, patch)
        error = caught.value.api_error()
        return error.code, error.message

    assert answer([{"op": "remove", "path": "/a"}]) == (
        422, "the server rejected our request due to an error in our request",
    )  # fmt: skip
    assert answer([{}] * 10_001) == (
        413, "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
    )  # fmt: skip
    assert answer({})[0] == 400


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [({"op": "test", "path": "/a", "value": 2}, FailedTest), ({"op": "remove", "path": "/b"}, PatchError)],
    ids=["test", "another"],
)
def test_a_failed_test_can_be_told_from_other_errors(operation, wanted):
    with pytest.raises(PatchError) as caught:
        json_patch.apply({"a": 1}, [operation])
    assert type(caught.value) is wanted
