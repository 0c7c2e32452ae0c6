"""How the documents by which clients find out what is served are answered: methods, forms, refusals."""

import pytest
from api_client import Api

from podwright.api import apidiscovery
from podwright.api.protobuf.decoding import decode, envelope
from podwright.api.schema import schema_of

ONLY_AS = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TYPES = f"application/json, application/yaml, {PROTOBUF}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("DELETE", "/", 200, id="the index answers any method"),
        pytest.param("PUT", "/apis", 200, id="so does the list of groups"),
        pytest.param("POST", "/apis/apps", 200, id="and a group"),
        pytest.param("POST", "/api", 405, id="but no list of versions"),
        pytest.param("DELETE", "/apis/apps/v1", 405, id="and no list of resources"),
        pytest.param("GET", "/apis/apps/v9", 404, id="a version that a group does not have"),
    ],
)
async def test_methods(api: Api, method: str, path: str, status: int) -> None:
    answer = await api.send(method, path)
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/json"


async def test_the_index_names_what_is_answered(api: Api) -> None:
    paths = (await api.get("/")).body["paths"]
    assert paths == sorted(paths)
    for path in paths:
        assert (await api.get(path)).status == 200, path


@pytest.mark.parametrize(
    ("path", "accept", "message"),
    [
        pytest.param("/api", ONLY_AS.format("v2beta1"), f"only the following media types are accepted: {TYPES}", id="as"),
        pytest.param("/apis/apps/v1", ONLY_AS.format("v2"), f"only the following media types are accepted: {TYPES}", id="no such form of it"),
        pytest.param("/api/v1", "text/html", f"406: Not Acceptable\n\nAvailable representations: {TYPES}", id="no type"),
        pytest.param("/apis", "text/html", f"only the following media types are accepted: {TYPES}", id="no type of the groups"),
    ],
)  # fmt: skip
async def test_what_cannot_be_shown(api: Api, path: str, accept: str, message: str) -> None:
    answer = await api.send("GET", path, headers={"accept": accept})
    assert (answer.status, answer.body["message"]) == (406, message)
    assert answer.body.get("details") == ({} if message.startswith("406") else None)


@pytest.mark.parametrize("path", ["/api", "/apis", "/apis/batch", "/api/v1", "/apis/autoscaling/v1"])
async def test_documents_in_protobuf_say_what_they_say_in_json(api: Api, path: str) -> None:
    answer = await api.send("GET", path, headers={"accept": PROTOBUF})
    assert answer.headers["content-type"] == PROTOBUF
    api_version, kind, raw = envelope(answer.raw)
    expected = (await api.get(path)).body
    assert (api_version, kind) == (expected.pop("apiVersion", ""), expected.pop("kind"))
    assert decode(raw, schema_of(getattr(apidiscovery, kind))) == expected


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/api/v1/namespaces/default/configmaps/none", 404, id="an object"),
        pytest.param("/api/v9", 404, id="a document"),
        pytest.param("/version", 406, id="a form that there is not"),
    ],
)
async def test_refusals_come_in_the_clients_form(api: Api, path: str, status: int) -> None:
    answer = await api.send("GET", path, headers={"accept": "application/yaml"})
    assert (answer.status, answer.headers["content-type"]) == (status, "application/yaml")
    assert f"code: {status}\n" in answer.body
    assert answer.body.startswith("apiVersion: v1\n")


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        pytest.param("/openapi/v3/apis/nope/v1", "", 404, id="no document"),
        pytest.param("/openapi/v3/apis/apps/v1", "text/html", 406, id="no form"),
        pytest.param("/openapi/v2", "text/html", 406, id="no form of the old one"),
    ],
)
async def test_schemas_are_refused_without_words(api: Api, path: str, accept: str, status: int) -> None:
    answer = await api.send("GET", path, headers={"accept": accept})
    assert (answer.status, answer.raw) == (status, b"")


async def test_a_version_that_a_built_in_group_does_not_have_is_no_page(api: Api) -> None:
    answer = await api.get("/apis/apps/v1beta1/deployments")
    assert (answer.status, answer.body["reason"]) == (404, "NotFound")
    assert (await api.get("/apis/nope/v1beta1/deployments")).body == "404 page not found\n"
