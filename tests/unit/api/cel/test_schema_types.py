"""What a schema declares: which fields are visible, of which types, how large, and how JSON becomes values."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.cel.errors import CelError, EvaluationError
from podwright.api.cel.frame import Budget
from podwright.api.cel.program import Declarations, compile_expression
from podwright.api.cel.schema_types import of_type, structural
from podwright.api.core.pod import Pod
from podwright.api.schema import schema_of

TEXT = {"type": "string"}


def evaluated(schema: dict[str, Any], source: str, document: Any, *, root: bool = False) -> Any:
    declared = structural(schema, root=root)
    assert declared is not None
    return compile_expression(source, Declarations({"self": declared})).evaluate({"self": document}, Budget())


TYPES: list[tuple[str, dict[str, Any], str]] = [
    ("integer", {"type": "integer"}, "int"),
    ("number", {"type": "number"}, "double"),
    ("boolean", {"type": "boolean"}, "bool"),
    ("string", TEXT, "string"),
    ("byte", {**TEXT, "format": "byte"}, "bytes"),
    ("date", {**TEXT, "format": "date"}, "timestamp"),
    ("date-time", {**TEXT, "format": "date-time"}, "timestamp"),
    ("duration", {**TEXT, "format": "duration"}, "duration"),
    ("another format", {**TEXT, "format": "email"}, "string"),
    ("int or string", {"x-kubernetes-int-or-string": True}, "dyn"),
    ("array", {"type": "array", "items": TEXT}, "list(string)"),
    ("map", {"type": "object", "additionalProperties": {"type": "integer"}}, "map(string, int)"),
    (
        "nested",
        {"type": "array", "items": {"type": "object", "additionalProperties": TEXT}},
        "list(map(string, string))",
    ),
]


@pytest.mark.parametrize(("schema", "name"), [row[1:] for row in TYPES], ids=[row[0] for row in TYPES])
def test_type(schema: dict[str, Any], name: str) -> None:
    declared = structural(schema)
    assert declared is not None
    assert str(declared.type) == name


@pytest.mark.parametrize(
    "schema",
    [{}, {"x-kubernetes-preserve-unknown-fields": True}, {"type": "array"}, {"type": "array", "items": {}}],
    ids=["nothing", "anything", "items unknown", "items of anything"],
)
def test_what_expressions_cannot_reach(schema: dict[str, Any]) -> None:
    assert structural(schema) is None
    holder = structural({"type": "object", "properties": {"hidden": schema, "shown": TEXT}})
    assert holder is not None
    assert set(holder.fields) == {"shown"}


def test_what_is_only_preserved_is_invisible() -> None:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": TEXT}}
    assert evaluated(schema, "self.a", {"a": "x", "b": 1}) == "x"
    with pytest.raises(CelError, match="undefined field 'b'"):
        evaluated(schema, "self.b == 1", {"a": "x", "b": 1})


def test_preserved_content_counts_for_equality() -> None:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    pair = {"type": "array", "items": schema}
    assert evaluated(pair, "self[0] == self[1]", [{"x": [1]}, {"x": [1]}]) is True
    assert evaluated(pair, "self[0] == self[1]", [{"x": [1]}, {"x": [2]}]) is False


def test_what_every_resource_has_is_visible() -> None:
    document = {"kind": "A", "apiVersion": "v1", "metadata": {"name": "n", "labels": {}}}
    embedded = {"type": "object", "properties": {"inner": {"type": "object", "x-kubernetes-embedded-resource": True}}}
    assert evaluated({"type": "object"}, "self.kind + self.metadata.name", document, root=True) == "An"
    assert evaluated(embedded, "self.inner.metadata.name", {"inner": document}) == "n"
    with pytest.raises(CelError, match="undefined field 'labels'"):
        evaluated({"type": "object"}, "has(self.metadata.labels)", document, root=True)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("a-b", "a__dash__b"),
        ("a.b", "a__dot__b"),
        ("a/b", "a__slash__b"),
        ("a__b", "a__underscores__b"),
        ("in", "__in__"),
    ],
    ids=["dash", "dot", "slash", "underscores", "reserved"],
)
def test_properties_whose_names_are_no_identifiers(key: str, name: str) -> None:
    schema = {"type": "object", "properties": {key: TEXT}}
    assert evaluated(schema, f"has(self.{name}) && self.{name} == 'x'", {key: "x"}) is True
    assert evaluated(schema, f"has(self.{name})", {}) is False


def test_a_property_that_no_name_reaches_is_left_out() -> None:
    declared = structural({"type": "object", "properties": {"a b": TEXT, "1": TEXT, "ok": TEXT}})
    assert declared is not None
    assert set(declared.fields) == {"ok"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [("byte", "!"), ("date", "2020-13-01"), ("date-time", "yesterday"), ("duration", "long")],
    ids=["byte", "date", "date-time", "duration"],
)
def test_content_that_is_not_of_its_format(kind: str, text: str) -> None:
    schema = {"type": "object", "properties": {"a": {**TEXT, "format": kind}}}
    with pytest.raises(EvaluationError, match="Invalid"):
        evaluated(schema, "self.a == self.a", {"a": text})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h30m", 5400), ("2 days", 172800), ("1w", 604800)],
    ids=["seconds", "hours", "days", "weeks"],
)
def test_durations_as_schemas_have_them(text: str, seconds: int) -> None:
    schema = {"type": "object", "properties": {"a": {**TEXT, "format": "duration"}}}
    assert evaluated(schema, "self.a.getSeconds()", {"a": text}) == seconds


@pytest.mark.parametrize("source", ["self.a > 1", "self.b.exists(x, x > 1)"], ids=["field", "item"])
def test_a_number_with_a_point_is_no_int(source: str) -> None:
    numbers = {"type": "integer"}
    schema = {"type": "object", "properties": {"a": numbers, "b": {"type": "array", "items": numbers}}}
    assert evaluated(schema, source, {"a": 5, "b": [5]}) is True
    with pytest.raises(EvaluationError, match="invalid data, expected int, got float64"):
        evaluated(schema, source, {"a": 5.0, "b": [5.0]})


def test_the_parts_of_lists_and_maps_become_values() -> None:
    times = {**TEXT, "format": "date-time"}
    schema = {
        "type": "object",
        "properties": {"l": {"type": "array", "items": times}, "m": {"type": "object", "additionalProperties": times}},
    }
    document = {"l": ["2020-01-01T00:00:00Z"], "m": {"a": "2021-01-01T00:00:00Z"}}
    assert evaluated(schema, "self.l.map(t, t.getFullYear())", document) == [2020]
    assert evaluated(schema, "self.m.all(k, self.m[k].getFullYear() == 2021)", document) is True
    assert evaluated(schema, "self.m.transformList(k, v, v.getFullYear())", document) == [2021]
    assert evaluated(schema, "self.l[0] in self.l && self.l == self.l + []", document) is True


POD = {
    "metadata": {"name": "p", "creationTimestamp": "2020-01-01T00:00:00Z", "labels": {"a": "b"}},
    "spec": {
        "containers": [{"name": "c", "image": "registry/x", "ports": [{"containerPort": 80}]}],
        "securityContext": {"runAsUser": 1000},
    },
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("object.spec.containers.all(c, c.image.startsWith('registry/'))", True),
        ("object.spec.containers.exists(c, has(c.ports) && c.ports.exists(p, p.containerPort < 1024))", True),
        ("object.metadata.creationTimestamp.getFullYear()", 2020),
        ("object.metadata.?labels[?'a'].orValue('')", "b"),
        ("has(object.spec.securityContext.runAsNonRoot)", False),
    ],
    ids=["images", "ports", "time", "labels", "absent"],
)
def test_built_in_kinds(source: str, expected: Any) -> None:
    declarations = Declarations({"object": of_type(schema_of(Pod))})
    assert compile_expression(source, declarations).evaluate({"object": POD}, Budget()) == expected


def test_built_in_kinds_have_only_their_fields() -> None:
    with pytest.raises(CelError, match="undefined field 'nope'"):
        compile_expression("object.spec.nope == 1", Declarations({"object": of_type(schema_of(Pod))}))
