"""Discovery documents as functions of the resource table."""

from podwright.api.resources import RESOURCES, Resource
from podwright.apiserver import discovery

ROWS = (
    Resource("", "v1", "Pod", "pods", True, "x:Pod", ("po",), ("all",), ("status", "eviction", "exec", "log")),
    Resource("", "v1", "Namespace", "namespaces", False, "x:Namespace", subresources=("finalize",)),
    Resource("apps", "v1", "Deployment", "deployments", True, "x:Deployment", subresources=("scale",)),
    Resource("zoo.example.com", "v1", "Animal", "animals", True, "x:Animal"),
    Resource("zoo.example.com", "v2", "Animal", "animals", True, "x:Animal"),
)


def by_name(document):
    return {r["name"]: r for r in document["resources"]}


def test_core_resources():
    document = discovery.resource_list(ROWS, "", "v1")
    assert (document["kind"], document["groupVersion"]) == ("APIResourceList", "v1")
    found = by_name(document)
    assert list(found) == [
        "namespaces", "namespaces/finalize", "pods", "pods/eviction", "pods/exec", "pods/log", "pods/status"
    ]  # fmt: skip
    assert found["pods"]["shortNames"] == ["po"]
    assert found["pods"]["categories"] == ["all"]
    assert found["pods"]["singularName"] == "pod"
    assert found["pods/eviction"] == {
        "name": "pods/eviction", "singularName": "", "namespaced": True, "group": "policy", "version": "v1",
        "kind": "Eviction", "verbs": ["create"],
    }  # fmt: skip
    assert found["pods/log"]["verbs"] == ["get"]
    assert found["namespaces/finalize"]["verbs"] == ["update"]
    assert not found["namespaces"]["namespaced"]


def test_groups_and_versions():
    groups = {g["name"]: g for g in discovery.group_list(ROWS)["groups"]}
    assert list(groups) == ["apps", "zoo.example.com"]
    assert [v["version"] for v in groups["zoo.example.com"]["versions"]] == ["v2", "v1"]
    assert groups["zoo.example.com"]["preferredVersion"]["groupVersion"] == "zoo.example.com/v2"
    assert discovery.group(ROWS, "apps")["kind"] == "APIGroup"


def test_aggregated_names_everything_once():
    for core in (True, False):
        document = discovery.aggregated(RESOURCES, core=core)
        assert document["apiVersion"] == "apidiscovery.k8s.io/v2"
        found = [
            (item["metadata"].get("name", ""), version["version"], resource["resource"])
            for item in document["items"]
            for version in item["versions"]
            for resource in version["resources"]
        ]
        assert sorted(found) == sorted((r.group, r.version, r.plural) for r in RESOURCES if bool(r.group) is not core)


def test_aggregated_scale_is_of_another_group():
    document = discovery.aggregated(ROWS, core=False)
    scale = document["items"][0]["versions"][0]["resources"][0]["subresources"][0]
    assert scale["responseKind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
