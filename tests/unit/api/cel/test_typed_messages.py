"""What mutating policies make, when the kind that they change is known."""

from __future__ import annotations

import pytest

from podwright.api.cel.admission import declarations
from podwright.api.cel.errors import CompileError
from podwright.api.cel.program import compile_expression
from podwright.api.cel.typed_messages import TypedMessages
from podwright.api.resources import find
from podwright.api.schema import schema_of

DECLARATIONS = declarations(messages=TypedMessages(schema_of(find("deployments", "apps").cls)))
SPEC = "Object.spec.template.spec"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        pytest.param("Object{}", "", id="nothing"),
        pytest.param("Object{spec: Object.spec{replicas: 3, paused: true}}", "", id="scalars"),
        pytest.param("Object{spec: Object.spec{replicas: object.anything}}", "", id="unknown-value"),
        pytest.param("Object{metadata: Object.metadata{labels: {'a': 'b'}, ?name: object.?x}}", "", id="map"),
        pytest.param(f"{SPEC}{{containers: [{SPEC}.containers{{name: 'a'}}]}}", "", id="list"),
        pytest.param(f"{SPEC}.containers.resources{{limits: {{'cpu': '1'}}}}", "", id="quantities"),
        pytest.param(f"{SPEC}.containers.livenessProbe.httpGet{{port: 80}}", "", id="either"),
        pytest.param("Object{spec: Object.spec{replicaz: 3}}", "undefined field 'replicaz'", id="field"),
        pytest.param(
            "Object{spec: Object.spec{replicas: '3'}}",
            "expected type of field 'replicas' is 'int' but provided type is 'string'",
            id="type",
        ),
        pytest.param(
            "Object{spec: Object.spec{template: Object.spec.selector{}}}",
            "expected type of field 'template' is 'Object.spec.template' but provided type is 'Object.spec.selector'",
            id="another-type",
        ),
        pytest.param("Object.spec.nope{}", "undeclared reference to 'Object.spec.nope' (in container '')", id="path"),
        pytest.param("JSONPatch{op: 'add', path: '/x', value: 1}", "", id="patch"),
        pytest.param("JSONPatch{nope: 1}", "undefined field 'nope'", id="patch-field"),
    ],
)
def test_objects_of_a_known_kind(source: str, problem: str) -> None:
    found: list[str] = []
    try:
        compile_expression(source, DECLARATIONS)
    except CompileError as error:
        found = [issue.message for issue in error.issues]
    assert found == ([problem] if problem else [])
