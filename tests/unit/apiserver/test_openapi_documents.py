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
            if key == "$ref" and isinstance(inner, str):
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
    served = {row.base_path.strip("/") for row in RESOURCES}
    groups = {f"apis/{row.group}" for row in RESOURCES if row.group}
    others = {"api", "apis", "version", ".well-known/openid-configuration", "openid/v1/jwks"}
    assert set(rows) == served | groups | others
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
    assert set(paths["/api/v1/namespaces"]) == {"get", "parameters", "post"}
    assert set(paths[f"{pod}/eviction"]) == {"post", "parameters"}
    assert [parameter["name"] for parameter in paths[pod]["parameters"]] == ["name", "namespace", "pretty"]
    eviction = paths[f"{pod}/eviction"]["post"]
    assert eviction["x-kubernetes-group-version-kind"] == {"group": "policy", "version": "v1", "kind": "Eviction"}
    assert eviction["requestBody"]["content"]["*/*"]["schema"]["$ref"].endswith("policy.v1.Eviction")
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
    assert thing["properties"]["spec"] == CUSTOM["properties"]["spec"]
    assert set(thing["properties"]) == {"apiVersion", "kind", "metadata", "spec"}
    assert thing["x-kubernetes-group-version-kind"] == [{"group": "example.com", "version": "v1", "kind": "Thing"}]
    assert "/apis/example.com/v1/namespaces/{namespace}/things/{name}" in document["paths"]
    other = OpenAPI([*built_in(), Entry(THING, {**CUSTOM, "description": "Another thing."})])
    assert other.hash("apis/example.com/v1") != more.hash("apis/example.com/v1")
    assert other.hash("apis/apps/v1") == more.hash("apis/apps/v1")
    assert "x-kubernetes-group-version-kind" not in CUSTOM


def test_a_document_is_built_once() -> None:
    assert DOCUMENTS.v3("apis/apps/v1") is DOCUMENTS.v3("apis/apps/v1")
    assert find("pods").kind in {entry.gvk[2] for entry in built_in()}


def _names(parameters: list[Any]) -> list[str]:
    return [parameter["name"] for parameter in parameters]


def test_parameters_of_all_operations_stand_on_the_path() -> None:
    for document in (_v3("api/v1"), V2):
        item = document["paths"]["/api/v1/namespaces/{namespace}/pods/{name}"]
        assert _names(item["parameters"]) == ["name", "namespace", "pretty"]
        own = ["dryRun", "fieldManager", "fieldValidation", "force"]
        assert [name for name in _names(item["patch"]["parameters"]) if name != "body"] == own
        assert "parameters" not in item["get"]
        everywhere = document["paths"]["/api/v1/pods"]
        assert "labelSelector" in _names(everywhere["parameters"])
        assert "parameters" not in everywhere["get"]


@pytest.mark.parametrize(
    ("path", "method", "name"),
    [
        pytest.param("/api/v1/nodes", "delete", "deleteCoreV1CollectionNode", id="collection"),
        pytest.param(
            "/api/v1/namespaces/{namespace}/pods/{name}/exec",
            "post",
            "connectCoreV1PostNamespacedPodExec",
            id="connect",
        ),
        pytest.param("/api/v1/pods", "get", "listCoreV1PodForAllNamespaces", id="everywhere"),
        pytest.param("/apis/", "get", "getAPIVersions", id="groups"),
        pytest.param("/apis/apps/", "get", "getAppsAPIGroup", id="group"),
        pytest.param("/apis/apps/v1/", "get", "getAppsV1APIResources", id="resources"),
        pytest.param("/version/", "get", "getCodeVersion", id="version"),
    ],
)
def test_operations_are_named_as_generated_clients_name_them(path: str, method: str, name: str) -> None:
    assert V2["paths"][path][method]["operationId"] == name


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("/api/v1/namespaces/{namespace}/pods/{name}", "io.k8s.api.core.v1.Pod", id="pod"),
        pytest.param(
            "/apis/storage.k8s.io/v1/storageclasses/{name}", "io.k8s.api.storage.v1.StorageClass", id="storage-class"
        ),
        pytest.param(
            "/api/v1/namespaces/{namespace}/configmaps/{name}",
            "io.k8s.apimachinery.pkg.apis.meta.v1.Status",
            id="status",
        ),
    ],
)
def test_a_deletion_says_what_it_answers(path: str, kind: str) -> None:
    responses = V2["paths"][path]["delete"]["responses"]
    assert [responses[code]["schema"]["$ref"] for code in ("200", "202")] == [f"#/definitions/{kind}"] * 2


def test_version_3_alone_tells_defaults_and_closed_sets() -> None:
    name = "io.k8s.api.core.v1.ContainerPort"
    third = _v3("api/v1")["components"]["schemas"][name]["properties"]["protocol"]
    assert (third["default"], third["enum"]) == ("TCP", ["SCTP", "TCP", "UDP"])
    second = V2["definitions"][name]["properties"]["protocol"]
    assert not {"default", "enum"} & set(second)


def test_unions_name_what_decides() -> None:
    assert V2["definitions"]["io.k8s.api.core.v1.SeccompProfile"]["x-kubernetes-unions"] == [
        {"discriminator": "type", "fields-to-discriminateBy": {"localhostProfile": "LocalhostProfile"}}
    ]
    assert V2["definitions"]["io.k8s.api.core.v1.PodSchedulingGroup"]["x-kubernetes-unions"] == [
        {"fields-to-discriminateBy": {"podGroupName": "PodGroupName"}}
    ]


def test_objects_of_any_shape_are_objects() -> None:
    parameters = V2["definitions"]["io.k8s.api.resource.v1.OpaqueDeviceConfiguration"]["properties"]["parameters"]
    assert parameters["$ref"] == "#/definitions/io.k8s.apimachinery.pkg.runtime.RawExtension"


def test_custom_resources_are_not_merged_strategically() -> None:
    row = Resource("example.com", "v1", "Thing", "things", True, "")
    document = OpenAPI([*built_in(), Entry(row, {"type": "object", "description": "A thing."})]).v2_document()
    types = document["paths"]["/apis/example.com/v1/namespaces/{namespace}/things/{name}"]["patch"]["consumes"]
    assert types == ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"]


def test_documents_are_kept_while_their_group_is_there() -> None:
    pods, deployments = (Entry(find(plural, group), None) for plural, group in (("pods", ""), ("deployments", "apps")))
    kept: dict[str, tuple[str, bytes]] = {}
    before = OpenAPI([pods, deployments], kept=kept)
    first = before.v3("api/v1")
    before.v3("apis/apps/v1")
    assert OpenAPI([pods, deployments], kept=kept).v3("api/v1") is first
    OpenAPI([pods], kept=kept)
    assert set(kept) == {"api/v1"}
