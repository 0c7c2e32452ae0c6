"""Estimated costs: the numbers of the public API, by which rules are allowed or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from podwright.api.cel import types
from podwright.api.cel.declared import Declared, Field
from podwright.api.cel.frame import Budget
from podwright.api.cel.program import Declarations, compile_expression
from podwright.api.cel.schema_types import structural

NUMBERS = {"type": "array", "items": {"type": "number"}}
STRINGS = {"type": "array", "items": {"type": "string"}}
OBJECT = {
    "type": "object", "required": ["required"],
    "properties": {"required": {"type": "string"}, "optional": {"type": "string"}},
}  # fmt: skip
TEXT = {"type": "string"}


def map_of(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


COSTS: list[tuple[str, dict[str, Any], str, int]] = [
    ("numbers", NUMBERS, "self.all(x, true)", 4718591),
    ("ten numbers", {**NUMBERS, "maxItems": 10}, "self.all(x, true)", 32),
    ("strings", STRINGS, "self.all(x, true)", 3145727),
    ("arrays", {"type": "array", "items": NUMBERS}, "self.all(x, true)", 3145727),
    ("objects", {"type": "array", "items": OBJECT}, "self.all(x, true)", 555128),
    ("map of numbers", map_of({"type": "number"}), "self.all(x, true)", 1348169),
    ("map of strings", map_of(TEXT), "self.all(x, true)", 1179647),
    ("map of objects", map_of(OBJECT), "self.all(x, true)", 428963),
    ("twenty objects", {**map_of(OBJECT), "maxProperties": 20}, "self.all(x, true)", 62),
    ("sizes", map_of({"type": "integer"}), "oldSelf.size() == self.size()", 5),
    ("times", map_of({"type": "string", "format": "date-time"}), "self['a'] == self['b']", 8),
    ("lower case", TEXT, "self.lowerAscii() == 'lower!'", 314575),
    ("short lower case", {**TEXT, "maxLength": 10}, "self.lowerAscii() == 'lower!'", 6),
    ("enumeration", {**TEXT, "enum": ["A", "LongValue"]}, "self.contains('A')", 2),
    ("long", {**TEXT, "enum": ["A"], "maxLength": 1000}, "self.contains('A')", 401),
    ("int or string", {"x-kubernetes-int-or-string": True}, "isQuantity(self)", 314574),
    ("short int or string", {"x-kubernetes-int-or-string": True, "maxLength": 20}, "isQuantity(self)", 9),
    ("the type of either", {"x-kubernetes-int-or-string": True}, "type(self) == int", 314576),
    ("the type of an object", {"type": "object", "properties": {}}, "type(self) == int", 3),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "rule", "cost"), [row[1:] for row in COSTS], ids=[row[0] for row in COSTS])
def test_estimate(schema: dict[str, Any], rule: str, cost: int) -> None:
    declared = structural(schema)
    assert declared is not None
    program = compile_expression(rule, Declarations({"self": declared, "oldSelf": declared}))
    assert program.cost.high == cost


SPENT: list[tuple[str, Any, int]] = [
    ("self.size() == 3", [1.0, 2.0, 3.0], 3),
    ("self.all(x, x > 0.0)", [1.0, 2.0, 3.0], 1 + 3 * (3 + 2) + 1),
    ("self.map(x, x).size() == 3", [1.0, 2.0, 3.0], 1 + 11 + 3 * 13 + 1 + 1),
]


@pytest.mark.parametrize(("rule", "document", "cost"), SPENT, ids=[row[0] for row in SPENT])
def test_spent(rule: str, document: Any, cost: int) -> None:
    declared = structural(NUMBERS)
    assert declared is not None
    budget = Budget(1000)
    compile_expression(rule, Declarations({"self": declared})).evaluate({"self": document}, budget)
    assert 1000 - budget.remaining == cost


BIG = {"deep": [{"a": [str(number) for number in range(100)]} for _ in range(200)]}


@pytest.mark.parametrize(
    "rule",
    [
        "self.one == self.other",
        "self.one in [self.other]",
        "[self.one].distinct().size() == 1",
        "sets.contains([self.one], [self.other])",
        "'%s'.format([self.one]).size() > 0",
        "[self.one].indexOf(self.other) == 0",
        "self.bytes.size() > 0",
    ],
    ids=["equal", "in", "distinct", "sets", "format", "indexOf", "bytes"],
)
def test_what_is_large_inside_is_paid_for(rule: str) -> None:
    text = structural({"type": "object", "properties": {"bytes": {"type": "string", "format": "byte"}}})
    assert text is not None
    anything = Declared(types.DYN)
    declared = Declared(
        types.Type("object", "Test"),
        fields=lambda: {"one": Field("one", anything), "other": Field("other", anything), **text.fields},
    )
    document = {"one": BIG, "other": json.loads(json.dumps(BIG)), "bytes": "YWJj" * 300_000}
    budget = Budget()
    compile_expression(rule, Declarations({"self": declared})).evaluate({"self": document}, budget)
    assert 10_000_000 - budget.remaining > 1000
