"""Structural schemas: pruning, defaults and checks, by tables and against dumb versions of themselves."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.api.structural.defaulting import fill
from podwright.api.structural.formats import fits, known_format
from podwright.api.structural.lists import repeated
from podwright.api.structural.node import MISSING, Node
from podwright.api.structural.pruning import prune, unknown_fields
from podwright.api.structural.values import validate

JSON = dict[str, Any]


def texts(schema: JSON, value: Any, old: Any = MISSING) -> list[str]:
    return [error.text() for error in validate(Node(schema), value, "spec", old)]


RULES = [
    pytest.param({"type": "integer"}, "x", ['must be of type integer: "string"'], id="type"),
    pytest.param({"type": "integer"}, 5.0, [], id="whole number"),
    pytest.param({"type": "integer"}, True, ['must be of type integer: "boolean"'], id="boolean is no integer"),
    pytest.param({"type": "integer", "format": "int32"}, 2**31, ["integer with format int32"], id="range"),
    pytest.param({"type": "string"}, None, ['must be of type string: "null"'], id="null"),
    pytest.param({"type": "string", "nullable": True}, None, [], id="nullable"),
    pytest.param({"type": "number", "minimum": 0, "exclusiveMinimum": True}, 0.0, ["greater than 0"], id="exclusive"),
    pytest.param({"type": "number", "multipleOf": 0.5}, 0.7, ["a multiple of 0.5"], id="multiple"),
    pytest.param({"type": "string", "maxLength": 2}, "abc", ["Too long"], id="length"),
    pytest.param({"type": "string", "enum": ["a"]}, "b", ['supported values: "a"'], id="enum"),
    pytest.param({"type": "string", "format": "ipv4"}, "1.2.3", ["must be of type ipv4"], id="format"),
    pytest.param({"type": "array", "items": {"type": "integer"}, "maxItems": 1}, [1, 2], ["Too many: 2"], id="items"),
    pytest.param({"type": "object", "required": ["a"]}, {}, ["spec.a: Required value"], id="required"),
    pytest.param({"type": "object", "additionalProperties": {"type": "string"}}, {"a": 1}, ["spec.a"], id="map"),
    pytest.param({"allOf": [{"minimum": 5}]}, 1, ["greater than or equal to 5", "must validate all"], id="allOf"),
    pytest.param({"anyOf": [{"minimum": 5}, {"maximum": 0}]}, 3, ["(anyOf)", "equal to"], id="anyOf"),
    pytest.param({"oneOf": [{"minimum": 1}, {"maximum": 9}]}, 5, ["Found 2 valid alternatives"], id="oneOf"),
    pytest.param({"not": {"enum": [1]}}, 1, ["must not validate the schema (not)"], id="not"),
    pytest.param({"x-kubernetes-int-or-string": True}, [], ["integer,string"], id="int-or-string"),
]


@pytest.mark.parametrize(("schema", "value", "problems"), RULES)
def test_what_a_schema_says_of_a_value(schema: JSON, value: Any, problems: list[str]) -> None:
    found = texts(schema, value)
    assert len(found) == len(problems)
    for text, problem in zip(found, problems, strict=True):
        assert problem in text


def test_what_did_not_change_is_let_through() -> None:
    keyed = {"type": "object", "properties": {"name": {"type": "string"}, "n": {"type": "integer", "maximum": 3}}}
    schema = {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": keyed}
    old = [{"name": "a", "n": 9}, {"name": "b", "n": 1}]
    assert texts(schema, [{"name": "b", "n": 2}, {"name": "a", "n": 9}], old) == []
    assert len(texts(schema, [{"name": "a", "n": 8}], old)) == 1
    plain = {"type": "array", "items": {"type": "integer", "maximum": 3}}
    assert len(texts(plain, [9, 1], [9])) == 1  # items of such lists continue nothing


LISTS = [
    pytest.param("set", [], ["a", "b", "a", "a"], ["spec[2]"], id="set"),
    pytest.param("map", ["k"], [{"k": 1, "v": 1}, {"k": 1}], ["spec[1]"], id="map"),
    pytest.param("map", ["k"], [{"v": 1}, {}], ["spec[1]"], id="map without keys"),
    pytest.param("atomic", [], ["a", "a"], [], id="atomic"),
]


@pytest.mark.parametrize(("kind", "keys", "value", "places"), LISTS)
def test_what_is_there_twice(kind: str, keys: list[str], value: Any, places: list[str]) -> None:
    node = Node({"type": "array", "x-kubernetes-list-type": kind, "x-kubernetes-list-map-keys": keys})
    assert [error.field for error in repeated(node, value, "spec")] == places


FORMATS = [
    ("date-time", "2026-01-01T00:00:00Z", "yesterday"),
    ("duration", "1h5m", "5 parsecs"),
    ("byte", "YQ==", "***"),
    ("uuid", "8f9a0489-afc0-43ca-b9e5-28b8c196f32e", "x"),
    ("email", "a@b.c", "x"),
    ("cidr", "10.0.0.0/8", "10.0.0.0/99"),
    ("ipv6", "::1", "1.2.3.4"),
]


@pytest.mark.parametrize(("name", "good", "bad"), FORMATS, ids=[name for name, *_ in FORMATS])
def test_formats(name: str, good: str, bad: str) -> None:
    assert known_format(name, ("string",)) == name
    assert (fits(name, good), fits(name, bad)) == (True, False)


BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines that test are busy

# -- against dumb versions: schemas of objects and lists without extensions

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=2)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def objects(inner: st.SearchStrategy[JSON]) -> st.SearchStrategy[JSON]:
    return st.builds(lambda properties: {"type": "object", "properties": properties}, st.dictionaries(NAMES, inner))


def arrays(inner: st.SearchStrategy[JSON]) -> st.SearchStrategy[JSON]:
    return st.builds(lambda items: {"type": "array", "items": items}, inner)


LEAVES = st.sampled_from([
    {"type": "string"}, {"type": "integer", "default": 7}, {"type": "string", "nullable": True, "default": "d"},
])  # fmt: skip
SCHEMAS = objects(st.recursive(LEAVES, lambda inner: objects(inner) | arrays(inner), max_leaves=6))
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3)


def dumb_prune(schema: JSON, value: Any) -> Any:
    if isinstance(value, dict):
        known = schema.get("properties") or {}
        kept = {n: v for n, v in value.items() if n in known}
        kept = {n: v for n, v in kept.items() if v is not None or known[n].get("nullable") or "default" in known[n]}
        return {n: dumb_prune(known[n], v) for n, v in kept.items()}
    if isinstance(value, list):
        return [dumb_prune(schema.get("items") or {}, v) for v in value]
    return value


def dumb_fill(schema: JSON, value: Any) -> Any:
    if isinstance(value, dict):
        known = schema.get("properties") or {}
        filled = {**{n: s["default"] for n, s in known.items() if "default" in s and n not in value}, **value}
        for name, part in known.items():
            if name in filled and filled[name] is None and "default" in part and not part.get("nullable"):
                filled[name] = part["default"]
        return {n: dumb_fill(known.get(n) or {}, v) for n, v in filled.items()}
    if isinstance(value, list):
        items = schema.get("items") or {}
        lacking = "default" in items and not items.get("nullable")
        return [dumb_fill(items, items["default"] if v is None and lacking else v) for v in value]
    return value


@BUSY
@given(SCHEMAS, DOCUMENTS)
def test_pruning_is_what_the_dumb_version_does(schema: JSON, document: JSON) -> None:
    before = copy.deepcopy(document)
    pruned = prune(Node(schema), document)
    assert pruned == dumb_prune(schema, document)
    assert document == before
    assert prune(Node(schema), pruned) == pruned
    assert unknown_fields(Node(schema), pruned) == []


@BUSY
@given(SCHEMAS, DOCUMENTS)
def test_filling_is_what_the_dumb_version_does(schema: JSON, document: JSON) -> None:
    expected = dumb_fill(schema, copy.deepcopy(document))
    fill(Node(schema), document)
    assert document == expected
    again = copy.deepcopy(document)
    fill(Node(schema), again)
    assert again == document


@BUSY
@given(SCHEMAS, DOCUMENTS)
def test_what_is_as_before_is_always_let_through(schema: JSON, document: JSON) -> None:
    assert validate(Node(schema), document, old=document) == []
