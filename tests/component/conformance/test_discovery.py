"""What is served and how one learns of it; forms that are refused; fields that nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_client import DEPLOYMENTS, Api, deployment
from steps import good

JSON = dict[str, Any]
EXPECTED = {
    "": {"v1": "namespaces"},
    "admissionregistration.k8s.io": {"v1": "validatingwebhookconfigurations"},
    "apiextensions.k8s.io": {"v1": "customresourcedefinitions"},
    "apiregistration.k8s.io": {"v1": "apiservices"},
    "apps": {"v1": "deployments"},
    "authentication.k8s.io": {"v1": "tokenreviews"},
    "authorization.k8s.io": {"v1": "selfsubjectaccessreviews"},
    "autoscaling": {"v1": "horizontalpodautoscalers", "v2": "horizontalpodautoscalers"},
    "batch": {"v1": "jobs"},
    "certificates.k8s.io": {"v1": "certificatesigningrequests"},
    "coordination.k8s.io": {"v1": "leases"},
    "discovery.k8s.io": {"v1": "endpointslices"},
    "events.k8s.io": {"v1": "events"},
    "networking.k8s.io": {"v1": "ingresses"},
    "node.k8s.io": {"v1": "runtimeclasses"},
    "policy": {"v1": "poddisruptionbudgets"},
    "scheduling.k8s.io": {"v1": "priorityclasses"},
    "storage.k8s.io": {"v1": "csinodes"},
}
PLACES = [
    pytest.param(group, version, plural, id=f"{group or 'core'}/{version}")
    for group, versions in EXPECTED.items()
    for version, plural in versions.items()
]
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@pytest.mark.parametrize(("group", "version", "plural"), PLACES)
async def test_a_resource_of_each_group(api: Api, group: str, version: str, plural: str) -> None:
    path, name = (f"/apis/{group}/{version}", f"{group}/{version}") if group else (f"/api/{version}", version)
    found = good(await api.get(path))
    assert (found["kind"], found["groupVersion"]) == ("APIResourceList", name)
    assert plural in [resource["name"] for resource in found["resources"]]


async def test_a_preferred_version_is_one_that_is_served(api: Api) -> None:
    groups = good(await api.get("/apis/"))["groups"]
    assert {group["name"] for group in groups} >= set(EXPECTED) - {""}
    for group in groups:
        alone = good(await api.get(f"/apis/{group['name']}/"))
        assert alone["preferredVersion"] in alone["versions"], group["name"]
        assert alone["preferredVersion"] == group["preferredVersion"]


async def test_everything_at_once(api: Api) -> None:
    for path, groups in (("/api", {""}), ("/apis", set(EXPECTED) - {""})):
        answer = await api.send("GET", path, headers={"accept": AGGREGATED})
        found = good(answer)
        assert found["kind"] == "APIGroupDiscoveryList"
        assert answer.headers["content-type"].replace(" ", "") == AGGREGATED
        served = {
            (item["metadata"].get("name", ""), version["version"]): {r["resource"] for r in version["resources"]}
            for item in found["items"]
            for version in item["versions"]
        }
        for group in groups:
            for version, plural in EXPECTED[group].items():
                assert plural in served[group, version]


async def test_who_prefers_the_aggregated_form_gets_it_and_others_the_plain_one(api: Api) -> None:
    accepted = f"{AGGREGATED},application/json"
    assert (await api.send("GET", "/apis", headers={"accept": accepted})).body["kind"] == "APIGroupDiscoveryList"
    assert (await api.send("GET", "/apis", headers={"accept": "application/json"})).body["kind"] == "APIGroupList"


async def test_the_version(api: Api) -> None:
    found = good(await api.get("/version"))
    assert found["major"].isdecimal()
    assert found["minor"].rstrip("+").isdecimal()
    assert found["gitVersion"].startswith(f"v{found['major']}.{found['minor']}.")


async def test_no_table_of_what_is_only_asked(api: Api) -> None:
    table = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    body = {"spec": {"resourceAttributes": {"namespace": "default", "verb": "list", "resource": "pods"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = await api.send("POST", path, body, headers=table)
    assert (answer.status, answer.body["reason"]) == (406, "NotAcceptable"), answer


async def test_unknown_and_repeated_fields_are_told_together(api: Api) -> None:
    text = json.dumps(deployment("d")).replace('"replicas": 1', '"unknownField": "x", "replicas": 2, "replicas": 3')
    answer = await api.post(DEPLOYMENTS, text, fieldValidation="Strict")
    assert answer.status == 400
    assert 'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"' in answer.message


async def test_unknown_fields_of_the_metadata_are_told(api: Api) -> None:
    body = deployment("d")
    body["metadata"]["unknownMeta"] = "x"
    answer = await api.post(DEPLOYMENTS, body, fieldValidation="Strict")
    assert answer.status == 400
    assert 'strict decoding error: unknown field "metadata.unknownMeta"' in answer.message
