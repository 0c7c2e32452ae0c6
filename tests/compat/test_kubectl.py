"""What only kubectl asks of the server: schemas, explanations, its own pages, its checks of manifests."""

from __future__ import annotations

import json

import pytest
import yaml
from clients import Tool

from podwright.api.resources import RESOURCES

pytestmark = pytest.mark.kubectl

LISTED = [r for r in RESOURCES if "list" in r.verbs]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: r.qualified)
def test_explain(kubectl_gallery: Tool, resource) -> None:
    page = kubectl_gallery("explain", resource.plural, f"--api-version={resource.api_version}", "--recursive").out

    assert f"KIND:       {resource.kind}\nVERSION:    {resource.version}\n" in page
    assert "metadata\t<ObjectMeta>" in page
    assert "<empty>" not in page


def test_explain_fields(kubectl_gallery: Tool) -> None:
    page = kubectl_gallery("explain", "deployment.spec.template.spec.containers.resources").out
    assert "FIELD: resources <ResourceRequirements>" in page
    assert "limits\t<map[string]Quantity>" in page
    assert kubectl_gallery("explain", "pod.spec.nope", code=1).err == 'error: field "nope" does not exist\n'


BETA = {"ipaddresses", "servicecidrs", "volumeattributesclasses"}
"""What kubectl 1.32 describes in versions that were never stable, and that are not served."""


@pytest.mark.parametrize("resource", LISTED, ids=lambda r: r.qualified)
def test_describe_every_kind(kubectl_gallery: Tool, pw_gallery: Tool, resource) -> None:
    kind = resource.qualified if resource.group == "events.k8s.io" else resource.plural
    for tool in (pw_gallery,) if resource.plural in BETA else (kubectl_gallery, pw_gallery):
        page = tool("describe", kind).out
        assert page.startswith("Name:  ")
        assert "error" not in page.lower().replace("errimage", "")


def test_describe_tells_what_belongs_together(kubectl_gallery: Tool) -> None:
    deployment = kubectl_gallery("describe", "deploy", "web").out
    assert "2 desired | 2 updated | 2 total | 2 available | 0 unavailable" in deployment
    assert "(2/2 replicas created)" in deployment
    assert "ScalingReplicaSet" in deployment
    service = kubectl_gallery("describe", "svc", "web").out
    assert service.count(":8080") == 2
    node = kubectl_gallery("describe", "node", "node-1").out
    assert "HolderIdentity:  node-1" in node


@pytest.mark.parametrize("form", ["go-template={{range .items}}{{.metadata.name}} {{end}}", "name", "json", "yaml"])
def test_output_forms(kubectl_gallery: Tool, form: str) -> None:
    out = kubectl_gallery("get", "pods", "-l", "tier=low", "-o", form).out
    read = {
        "go": out.split,
        "na": lambda: [n.removeprefix("pod/") for n in out.split()],
        "js": lambda: [i["metadata"]["name"] for i in json.loads(out)["items"]],
        "ya": lambda: [i["metadata"]["name"] for i in yaml.safe_load(out)["items"]],
    }
    assert read[form[:2]]() == ["alone", "broken"]


def test_all_namespaces(kubectl_gallery: Tool) -> None:
    lines = [line.split() for line in kubectl_gallery("get", "svc", "-A").out.splitlines()]
    assert lines[0][:2] == ["NAMESPACE", "NAME"]
    assert ["default", "kubernetes"] in [line[:2] for line in lines]
    assert ["gallery", "web"] in [line[:2] for line in lines]


def test_about_the_server(kubectl_gallery: Tool) -> None:
    found = json.loads(kubectl_gallery("version", "-o", "json").out)
    assert found["serverVersion"]["gitVersion"].startswith("v1.")
    assert kubectl_gallery.cluster.url in kubectl_gallery("cluster-info").out
    wide = kubectl_gallery("api-resources", "-o", "wide").out
    assert "create,delete,deletecollection,get,list,patch,update,watch" in wide


def test_identities(kubectl_gallery: Tool) -> None:
    assert kubectl_gallery("get", "pods", "--context", "token").code == 0
    guest = kubectl_gallery("get", "pods", "--context", "guest", code=1).err
    assert 'Error from server (Forbidden): pods is forbidden: User "guest" cannot list resource "pods"' in guest
    stranger = kubectl_gallery("get", "pods", "--context", "stranger", code=1).err
    assert "You must be logged in to the server (Unauthorized)" in stranger


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: a%s}]}\n"
BAD = {
    "unknown field": (POD % ", imagee: b", 'strict decoding error: unknown field "spec.containers[0].imagee"'),
    "wrong type": (POD % ", tty: maybe", "cannot unmarshal string into Go struct field Container.spec.containers.tty"),
    "bad quantity": (POD % ", resources: {requests: {cpu: lots}}", "quantities must match the regular expression"),
    "missing image": (POD.replace(", image: a", "") % "", "spec.containers[0].image: Required value"),
    "bad name": (POD.replace("name: x", "name: Bad_Name") % "", 'metadata.name: Invalid value: "Bad_Name"'),
    "bad value": (POD % ", imagePullPolicy: Often", 'Unsupported value: "Often": supported values: "Always"'),
    "not YAML": ("a: [\n", "error converting YAML to JSON"),
    "no kind": ("apiVersion: v1\nmetadata: {name: x}\n", "kind not set"),
}


@pytest.mark.parametrize("why", BAD)
def test_bad_manifests(kubectl: Tool, why: str) -> None:
    manifest, message = BAD[why]
    kubectl.file("bad.yaml", manifest)

    for verb in ("apply", "create"):
        assert message in kubectl(verb, "-f", "bad.yaml", code=1).err


def test_a_pod_stays_what_it_is(kubectl: Tool) -> None:
    kubectl.file("pod.yaml", POD % "")
    kubectl("apply", "-f", "pod.yaml")
    kubectl.file("pod.yaml", (POD % "").replace("name: c", "name: d"))

    refused = kubectl("apply", "-f", "pod.yaml", code=1).err
    assert 'The Pod "x" is invalid' in refused
    assert "pod updates may not" in refused


def test_set_other_things(kubectl: Tool) -> None:
    kubectl("create", "deployment", "web", "--image=web:1", "--port=80")
    kubectl("set", "env", "deploy/web", "A=1")
    kubectl("set", "resources", "deploy/web", "--limits=cpu=100m")
    kubectl("set", "serviceaccount", "deploy/web", "default")
    kubectl("expose", "deploy", "web", "--port=80")

    assert kubectl("set", "env", "deploy/web", "--list").out == "# Deployment web, container web\nA=1\n"
    cpu = kubectl("get", "deploy", "web", "-o", "jsonpath={..limits.cpu}").out
    assert cpu == "100m"
