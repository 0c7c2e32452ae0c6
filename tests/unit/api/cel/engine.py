"""What the tests of expressions share: one document, its declarations, and short ways to ask."""

from __future__ import annotations

from typing import Any

from podwright.api.cel.errors import CompileError
from podwright.api.cel.frame import Budget
from podwright.api.cel.program import Declarations, Program, compile_expression
from podwright.api.cel.schema_types import optional, structural, untyped

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer"},
                "max": {"type": "integer"},
                "ratio": {"type": "number"},
                "on": {"type": "boolean"},
                "name": {"type": "string", "maxLength": 10},
                "x-prop": {"type": "string"},
                "namespace": {"type": "string"},
                "when": {"type": "string", "format": "date-time"},
                "day": {"type": "string", "format": "date"},
                "wait": {"type": "string", "format": "duration"},
                "data": {"type": "string", "format": "byte"},
                "port": {"x-kubernetes-int-or-string": True},
                "list": {"type": "array", "items": {"type": "string"}},
                "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "rows": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["key"],
                    "items": {
                        "type": "object",
                        "properties": {"key": {"type": "string"}, "value": {"type": "number"}},
                    },
                },
                "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "absent": {"type": "string"},
            },
        }
    },
}
DOCUMENT: dict[str, Any] = {
    "apiVersion": "test/v1",
    "kind": "Thing",
    "metadata": {"name": "thing"},
    "spec": {
        "size": 3,
        "max": 5,
        "ratio": 2,
        "on": True,
        "name": "bob",
        "x-prop": "q",
        "namespace": "n",
        "when": "2020-01-02T03:04:05.006Z",
        "day": "2020-01-02",
        "wait": "90s",
        "data": "YWJj",
        "port": 80,
        "list": ["a", "b"],
        "set": ["x", "y"],
        "rows": [{"key": "a", "value": 1}, {"key": "b", "value": 2.5}],
        "labels": {"a": 1},
        "free": {"x": 1},
    },
}
SELF = structural(SCHEMA, root=True)
assert SELF is not None
DECLARATIONS = Declarations({"self": SELF, "oldSelf": SELF, "maybe": optional(SELF), "any": untyped()})


def compiled(source: str) -> Program:
    """The program of an expression about the document."""
    return compile_expression(source, DECLARATIONS)


def value(source: str, **bindings: Any) -> Any:
    """What an expression about the document evaluates to."""
    given = {"self": DOCUMENT, "oldSelf": DOCUMENT, "any": DOCUMENT, **bindings}
    return compiled(source).evaluate(given, Budget())


def refusal(source: str) -> str:
    """The listing with which an expression is refused, or "" if it is not."""
    try:
        compiled(source)
    except CompileError as error:
        return str(error)
    return ""
