"""The published documents are whole: every reference resolves, every operation says what clients look for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from podwright.api.resources import RESOURCES, Resource, find
from podwright.apiserver.openapi.documents import OpenAPI
from podwright.apiserver.openapi.entry import Entry, built_in

DOCUMENTS = OpenAPI()
PATHS = sorted(DOCUMENTS.root()["paths"])
V2 = orjson.loads(DOCUMENTS.v2())


def _v3(path: str) -> Any:
    return orjson.loads(DOCUMENTS.v3(path))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def test_the_index_names_every_group_version_with_its_hash() -> None:
    rows = DOCUMENTS.root()["paths"]
    assert set(rows) == {row.base_path.strip("/") for row in RESOURCES}
    for path, row in rows.items():
        assert row == {"serverRelativeURL": f"/openapi/v3/{path}?hash={DOCUMENTS.hash(path)}"}
    assert len({DOCUMENTS.hash(path) for path in ["", *PATHS]}) == len(PATHS) + 1
    with pytest.raises(KeyError):
        DOCUMENTS.v3("apis/nope/v1")


@pytest.mark.parametrize("path", PATHS)
def test_every_reference_resolves(path: str) -> None:
    document = _v3(path)
    schemas = document["components"]["schemas"]
    used = {reference.removeprefix("#/components/schemas/") for reference in _references(document)}
    assert used <= set(schemas)
    assert all(schema["description"] for schema in schemas.values())


def test_every_reference_of_version_2_resolves() -> None:
    used = {reference.removeprefix("#/definitions/") for reference in _references(V2)}
    assert used <= set(V2["definitions"])


@pytest.mark.parametrize("path", PATHS)
def test_operations_have_unique_ids_and_answers(path: str) -> None:
    operations = [operation for _, _, operation in _operations(_v3(path))]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(operation["responses"] and operation["description"] for operation in operations)


@pytest.mark.parametrize("row", [row for row in RESOURCES if "patch" in row.verbs], ids=lambda row: row.qualified)
def test_clients_find_field_validation_and_dry_run_on_the_patch_of_every_kind(row: Resource) -> None:
    gvk = {"group": row.group, "version": row.version, "kind": row.kind}
    for document in (_v3(row.base_path.strip("/")), V2):
        patches = [
            operation
            for _, method, operation in _operations(document)
            if method == "patch" and operation["x-kubernetes-group-version-kind"] == gvk
        ]
        assert patches
        for operation in patches:
            names = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
            assert {"fieldValidation", "dryRun", "fieldManager", "force"} <= names


@pytest.mark.parametrize("row", RESOURCES, ids=lambda row: row.qualified)
def test_a_kind_is_found_by_its_group_version_and_kind(row: Resource) -> None:
    schemas = _v3(row.base_path.strip("/"))["components"]["schemas"]
    gvk = {"group": row.group, "version": row.version, "kind": row.kind}
    found = [name for name, schema in schemas.items() if gvk in schema.get("x-kubernetes-group-version-kind", [])]
    assert found == [Entry(row).type_name]


def test_paths_are_the_ones_that_are_served() -> None:
    paths = _v3("api/v1")["paths"]
    pod = "/api/v1/namespaces/{namespace}/pods/{name}"
    assert {"/api/v1/pods", pod, f"{pod}/exec", f"{pod}/portforward"} <= set(paths)
    assert {"/api/v1/nodes", "/api/v1/nodes/{name}", "/api/v1/namespaces/{name}/finalize"} <= set(paths)
    assert set(paths["/api/v1/namespaces"]) == {"get", "post"}
    assert set(paths[f"{pod}/eviction"]) == {"post", "parameters"}
    assert [parameter["name"] for parameter in paths[pod]["parameters"]] == ["name", "namespace"]
    eviction = paths[f"{pod}/eviction"]["post"]
    assert eviction["x-kubernetes-group-version-kind"] == {"group": "policy", "version": "v1", "kind": "Eviction"}
    assert eviction["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("policy.v1.Eviction")
    listing = paths["/api/v1/pods"]["get"]
    assert (listing["operationId"], listing["x-kubernetes-action"]) == ("listCoreV1PodForAllNamespaces", "list")


def test_fields_carry_what_patches_are_merged_by() -> None:
    schemas = _v3("apis/apps/v1")["components"]["schemas"]
    spec = schemas["io.k8s.api.core.v1.PodSpec"]
    assert spec["required"] == ["containers"]
    containers = spec["properties"]["containers"]
    assert containers["items"] == {"$ref": "#/components/schemas/io.k8s.api.core.v1.Container"}
    assert {key: value for key, value in containers.items() if key.startswith("x-")} == {
        "x-kubernetes-patch-strategy": "merge",
        "x-kubernetes-patch-merge-key": "name",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
    }
    assert spec["properties"]["volumes"]["x-kubernetes-patch-strategy"] == "merge,retainKeys"
    port = schemas["io.k8s.api.core.v1.ContainerPort"]["properties"]
    assert port["protocol"]["default"] == "TCP"
    assert port["protocol"]["enum"] == ["SCTP", "TCP", "UDP"]
    assert (port["hostPort"]["type"], port["hostPort"]["format"]) == ("integer", "int32")
    assert schemas["io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"]["x-kubernetes-map-type"] == "atomic"


def test_the_dialects_differ_in_how_they_refer() -> None:
    assert "allOf" in _v3("api/v1")["components"]["schemas"]["io.k8s.api.core.v1.Pod"]["properties"]["spec"]
    spec = V2["definitions"]["io.k8s.api.core.v1.Pod"]["properties"]["spec"]
    assert spec["$ref"] == "#/definitions/io.k8s.api.core.v1.PodSpec"
    body = V2["paths"]["/api/v1/namespaces/{namespace}/pods"]["post"]["parameters"][0]
    assert (body["in"], body["required"]) == ("body", True)


THING = Resource("example.com", "v1", "Thing", "things", True, "")
CUSTOM = {"type": "object", "description": "A thing.", "properties": {"spec": {"type": "object"}}}


def test_a_custom_resource_joins_and_changes_only_what_it_touches() -> None:
    more = OpenAPI([*built_in(), Entry(THING, CUSTOM)])
    document = orjson.loads(more.v3("apis/example.com/v1"))
    thing = document["components"]["schemas"]["com.example.v1.Thing"]
    assert thing["properties"] == CUSTOM["properties"]
    assert thing["x-kubernetes-group-version-kind"] == [{"group": "example.com", "version": "v1", "kind": "Thing"}]
    assert "/apis/example.com/v1/namespaces/{namespace}/things/{name}" in document["paths"]
    other = OpenAPI([*built_in(), Entry(THING, {**CUSTOM, "description": "Another thing."})])
    assert other.hash("apis/example.com/v1") != more.hash("apis/example.com/v1")
    assert other.hash("apis/apps/v1") == more.hash("apis/apps/v1")
    assert "x-kubernetes-group-version-kind" not in CUSTOM


def test_a_document_is_built_once() -> None:
    assert DOCUMENTS.v3("apis/apps/v1") is DOCUMENTS.v3("apis/apps/v1")
    assert find("pods").kind in {entry.gvk[2] for entry in built_in()}
