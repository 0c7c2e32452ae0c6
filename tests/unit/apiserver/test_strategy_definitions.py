"""CustomResourceDefinitions: what refuses them, place by place."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from strategy_writes import JSON, create, created, edit, update

GROUP, PLURAL = "apiextensions.k8s.io", "customresourcedefinitions"
INT, TEXT = {"type": "integer"}, {"type": "string"}
SCHEMA: JSON = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": INT,
                "labels": {"type": "object", "additionalProperties": TEXT},
                "list": {"type": "array", "items": TEXT},
            },
        },
        "metadataX": TEXT,
    },
}
VERSION: JSON = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA}}
GOOD: JSON = {
    "metadata": {"name": "widgets.a.test"},
    "spec": {
        "group": "a.test",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [VERSION],
    },
}
V = "spec.versions.0"
SHARED = "spec.validation.openAPIV3Schema"


def problems(edits: dict[str, Any]) -> list[str]:
    return create(PLURAL, edit(GOOD, edits), GROUP).problems


def test_a_good_definition() -> None:
    assert problems({}) == []


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param(".spec.size", "", id="member"),
        pytest.param(".spec.labels.a", "", id="key of a mapping"),
        pytest.param(".metadataX", "", id="begins like metadata"),
        pytest.param(".spec.nope", "is an invalid path: does not refer to a valid field", id="unknown"),
        pytest.param(".spec['size']", "is an invalid path: array notation is not allowed", id="brackets"),
        pytest.param("spec", "is an invalid path: expected [ or . but got: spec", id="no dot"),
        pytest.param(".spec.", "is an invalid path: unexpected end of JSON path", id="ends"),
        pytest.param(".spec.list", "must point to a field of type string, boolean or integer", id="list"),
    ],
)
def test_selectable_fields(path: str, problem: str) -> None:
    found = problems({f"{V}.selectableFields": [{"jsonPath": path}]})
    assert len(found) == bool(problem)
    assert all(f'spec.selectableFields[0].jsonPath: Invalid value: "{path}": {problem}' in each for each in found)


@pytest.mark.parametrize(
    ("path", "good"),
    [
        pytest.param(".spec.size", True, id="member"),
        pytest.param("['spec']['size']", True, id="brackets"),
        pytest.param(".spec.labels['a.b']", True, id="key"),
        pytest.param(".spec.labels.a", True, id="key behind a dot"),
        pytest.param(".spec.list[0]", False, id="index"),
        pytest.param(".spec['size'", False, id="open"),
        pytest.param("spec.size", False, id="no dot"),
    ],
)
def test_paths_of_rules(path: str, good: bool) -> None:
    rules = [{"rule": "true", "fieldPath": path}]
    where = f"{SHARED}.x-kubernetes-validations[0].fieldPath"
    found = problems({f"{V}.schema.openAPIV3Schema.x-kubernetes-validations": rules})
    assert found == ([] if good else [f'{where}: Invalid value: "{path}": must be a valid path'])


ALLOWED = (
    "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern "
    "MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields "
    "XValidations] fields are allowed at the root of the schema if the status subresource is enabled"
)


@pytest.mark.parametrize(
    ("edits", "refused"),
    [
        pytest.param({"maxProperties": 3}, True, id="bound of members"),
        pytest.param({"title": "x", "format": "y", "maximum": 3}, False, id="allowed"),
        pytest.param({"x-kubernetes-preserve-unknown-fields": True}, False, id="open"),
    ],
)
def test_the_root_of_a_schema_with_a_status(edits: JSON, refused: bool) -> None:
    changed = {f"{V}.schema.openAPIV3Schema.{name}": value for name, value in edits.items()}
    assert problems(changed) == []
    found = problems({**changed, f"{V}.subresources": {"status": {}}})
    assert [each.endswith(ALLOWED) for each in found] == [True] * refused


def test_a_schema_said_once_for_all_minds_any_version_s_status() -> None:
    second = {**VERSION, "name": "v2", "storage": False, "subresources": {"status": {}}}
    found = problems({"spec.versions.1": second, "spec.versions.0.schema.openAPIV3Schema.maxProperties": 3,
                      "spec.versions.1.schema.openAPIV3Schema.maxProperties": 3})  # fmt: skip
    assert [each.partition(":")[0] for each in found] == [SHARED]
    assert found[0].endswith(ALLOWED)


def test_rules_are_compiled_beside_what_else_is_wrong() -> None:
    bad = {"type": "object", "properties": {"size": INT}, "x-kubernetes-validations": [{"rule": "self.nope"}]}
    found = problems({
        f"{V}.schema.openAPIV3Schema.properties.one": bad,
        f"{V}.schema.openAPIV3Schema.properties.two": {**bad, "uniqueItems": True},
    })  # fmt: skip
    assert [each.partition(": ")[0] for each in found] == [
        f"{SHARED}.properties[two].uniqueItems",
        f"{SHARED}.properties[one].x-kubernetes-validations[0].rule",
    ]


SERVICE: JSON = {"namespace": "n", "name": "s", "path": "/x"}
FORM = "; desired format: https://host[/path]"
HOOK = "spec.conversion.webhookClientConfig"


def by_webhook(client: JSON, *reviews: str) -> JSON:
    webhook = {"clientConfig": client, "conversionReviewVersions": list(reviews) or ["v1"]}
    return {"spec.conversion": {"strategy": "Webhook", "webhook": webhook}}


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        pytest.param(by_webhook({"service": SERVICE}), [], id="good"),
        pytest.param(by_webhook({"service": {**SERVICE, "name": ""}}), [f"{HOOK}.service.name: Required value"],
                     id="no name"),
        pytest.param(by_webhook({"service": {**SERVICE, "path": "a//b"}}), [
            f"{HOOK}.service.path: Invalid value: \"a//b\": must start with a '/'",
            f'{HOOK}.service.path: Invalid value: "a//b": segment[0] may not be empty',
            f'{HOOK}.service.path: Invalid value: "a//b": segment[1] may not be empty',
        ], id="path"),
        pytest.param(by_webhook({"url": "http://a.test"}), [
            f'{HOOK}.url: Invalid value: "http": \'https\' is the only allowed URL scheme{FORM}',
        ], id="scheme"),
        pytest.param(by_webhook({"url": "https://a.test"}, "v9"), [
            'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
        ], id="reviews"),
    ],
)  # fmt: skip
def test_conversions(edits: JSON, wanted: list[str]) -> None:
    assert problems(edits) == wanted


def test_authorities_are_judged_once_a_definition_is_in_use() -> None:
    bundle = base64.b64encode(b"nothing").decode()
    good, bad = ({"url": "https://a.test", "caBundle": text} for text in ("", bundle))
    assert problems(by_webhook(bad)) == []
    used = {"status.conditions": [{"type": "Established", "status": "True"}]}
    before = edit(created(PLURAL, edit(GOOD, by_webhook(good)), GROUP), used)
    changed = edit(before, by_webhook(bad))
    where = "spec.conversion.webhookClientConfig.caBundle"
    problem = "unable to load root certificates: unable to parse bytes as PEM block"
    assert update(PLURAL, before, changed, GROUP).problems == [f'{where}: Invalid value: "{bundle}": {problem}']
    assert update(PLURAL, changed, edit(changed, {"metadata.labels": {"a": "b"}}), GROUP).problems == []


TYPED: JSON = {"type": "object", "properties": {"n": INT}}
KNOWN = f"{SHARED}.properties[x]"


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        pytest.param({"$ref": "#/a"}, [f"{KNOWN}.$ref: Forbidden: $ref is not supported"], id="reference"),
        pytest.param({**TEXT, "$schema": "s"},
                     [f"{SHARED}: Invalid value: \"\": OpenAPIV3Schema 'schema' is not supported"], id="dialect"),
        pytest.param({**TEXT, "definitions": {}}, [], id="no definitions"),
        pytest.param({**INT, "default": 3, "x-kubernetes-validations": [{"rule": "self < 3", "message": "too large"}]},
                     [f'{KNOWN}.default: Invalid value: 3: too large'], id="condition"),
        pytest.param({**INT, "default": 2, "x-kubernetes-validations": [{"rule": "self < 3"}]}, [], id="kept condition"),
        pytest.param({**INT, "default": 2, "x-kubernetes-validations": [
            {"rule": "oldSelf.hasValue()", "optionalOldSelf": True, "message": "never new"}]},
                     [f'{KNOWN}.default: Invalid value: 2: never new'], id="condition of changes"),
        pytest.param({**TYPED, "default": {"n": "1"}},
                     [f'{KNOWN}.default.n: Invalid value: "string": n in body must be of type integer: "string"'],
                     id="type"),
        pytest.param({"type": "array", "items": INT, "default": ["1"]},
                     [f'{KNOWN}.default[0]: Invalid value: "string": [0] in body must be of type integer: "string"'],
                     id="item"),
    ],
)  # fmt: skip
def test_parts_of_a_schema(part: JSON, wanted: list[str]) -> None:
    assert problems({f"{V}.schema.openAPIV3Schema.properties.x": part}) == wanted


def test_columns_take_any_path_with_a_dot() -> None:
    column = {"name": "a", "type": "string"}
    paths = [".a[", ".a[?(@.b=='c')].d", ".{a}", "a"]
    found = problems({f"{V}.additionalPrinterColumns": [{**column, "jsonPath": path} for path in paths]})
    where = "spec.additionalPrinterColumns[3].JSONPath"
    assert found == [f'{where}: Invalid value: "a": must be a simple json path starting with .']


def test_formats_without_a_check_are_told_once() -> None:
    known = {"type": "object", "properties": {"a": {**TEXT, "format": "date-time"}, "b": {**INT, "format": "int32"}}}
    odd = {"a": {**TEXT, "format": 'a"b'}, "b": {**INT, "format": "date"}, "c": {"type": "boolean", "format": 'a"b'}}
    first = edit(GOOD, {f"{V}.schema.openAPIV3Schema.properties.x": known})
    assert create(PLURAL, first, GROUP).warnings == []
    second = edit(GOOD, {f"{V}.schema.openAPIV3Schema.properties.x": {**known, "properties": odd}})
    found = ['unrecognized format "a\\"b"', 'unrecognized format "date"']
    assert create(PLURAL, second, GROUP).warnings == found
    old = created(PLURAL, second, GROUP)
    assert update(PLURAL, old, edit(old, {"metadata.labels": {"a": "b"}}), GROUP).warnings == []
