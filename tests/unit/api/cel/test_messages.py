"""What mutating policies make, and variables whose names have dots."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.cel import types
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import CompileError, EvaluationError
from podwright.api.cel.frame import Budget
from podwright.api.cel.library.authorization import Verdict, authorizer
from podwright.api.cel.messages import MutationMessages, json_of
from podwright.api.cel.program import Declarations, compile_expression
from podwright.api.cel.schema_types import untyped

DECLARATIONS = Declarations({"object": untyped()}, messages=MutationMessages())
MADE: list[tuple[str, Any]] = [
    (
        "Object{spec: Object.spec{replicas: object.n + 1, ?gone: optional.none(), paused: true}}",
        {"spec": {"replicas": 3, "paused": True}},
    ),
    (
        "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: {'x': [1.5, b'a']}}]",
        [{"op": "add", "path": "/metadata/labels/a~1b", "value": {"x": [1.5, "YQ=="]}}],
    ),
    ("Object{metadata: Object.metadata{annotations: {'t': string(timestamp('2020-01-01T00:00:00Z'))}}}",
     {"metadata": {"annotations": {"t": "2020-01-01T00:00:00Z"}}}),
    ("[timestamp('2020-01-01T00:00:00Z')]", ["2020-01-01T00:00:00Z"]),
    ("[duration('1h')]", ["3600s"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), MADE, ids=[source for source, _ in MADE])
def test_made(source: str, expected: Any) -> None:
    source = source.replace("{'x': [1.5, b'a']}", "{'x': [dyn(1.5), dyn(b'a')]}")
    assert json_of(compile_expression(source, DECLARATIONS).evaluate({"object": {"n": 2}}, Budget())) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("JSONPatch{nope: 1}", "undefined field 'nope'"),
        ("JSONPatch{op: 1}", "expected type of field 'op' is 'string' but provided type is 'int'"),
        ("Other{}", "undeclared reference to 'Other' (in container '')"),
    ],
    ids=["field", "type", "name"],
)
def test_refused(source: str, message: str) -> None:
    with pytest.raises(CompileError) as caught:
        compile_expression(source, DECLARATIONS)
    assert caught.value.issues[0].message == message


def test_what_has_no_form_in_json() -> None:
    with pytest.raises(EvaluationError, match=r"net\.IP"):
        json_of(compile_expression("ip('::1')", DECLARATIONS).evaluate({}, Budget()))


def test_variables_whose_names_have_dots() -> None:
    asking = authorizer(lambda question: Verdict(question.verb == "get"))
    declared = {
        "authorizer": Declared(types.AUTHORIZER),
        "authorizer.requestResource": Declared(types.RESOURCE_CHECK),
        "object": untyped(),
    }
    program = compile_expression("authorizer.requestResource.check('get').allowed()", Declarations(declared))
    assert program.uses == {"authorizer.requestResource"}
    assert program.evaluate({"authorizer.requestResource": asking}, Budget()) is True
    shadowed = compile_expression("[object].all(authorizer, authorizer.requestResource == 1)", Declarations(declared))
    assert shadowed.uses == {"object"}
    assert shadowed.evaluate({"object": {"requestResource": 1}}, Budget()) is True
