"""Server-side apply and field ownership with the real kubectl and with pw."""

from __future__ import annotations

import json

import pytest
from clients import Cluster, Tool

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: one, labels: {app: x}}
data: {a: "1", b: "2"}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "web:1", ports: [{containerPort: 80}]}
"""


@pytest.fixture
def read(cluster: Cluster, namespace: str):
    """Read a ConfigMap of the namespace."""
    return lambda name: cluster.api("GET", f"/api/v1/namespaces/{namespace}/configmaps/{name}")


def managers(obj) -> set[tuple[str, str]]:
    return {(entry["manager"], entry["operation"]) for entry in obj["metadata"].get("managedFields", ())}


def test_applying_on_the_server(tool: Tool, read) -> None:
    tool.file("one.yaml", CONFIG)
    tool.file("web.yaml", WEB)
    assert tool("apply", "--server-side", "-f", "one.yaml").out == "configmap/one serverside-applied\n"
    assert tool("apply", "--server-side", "-f", "web.yaml").out == "deployment.apps/web serverside-applied\n"
    before = read("one")
    tool("apply", "--server-side", "-f", "one.yaml")
    assert read("one") == before
    assert {operation for _, operation in managers(before)} == {"Apply"}
    tool.file("one.yaml", CONFIG.replace(', b: "2"', ""))
    tool("apply", "--server-side", "-f", "one.yaml")
    assert read("one")["data"] == {"a": "1"}


def test_conflicts_between_managers(tool: Tool, read) -> None:
    tool.file("one.yaml", CONFIG)
    tool("apply", "--server-side", "--field-manager=first", "-f", "one.yaml")
    tool.file("one.yaml", CONFIG.replace('a: "1"', 'a: "9"'))
    refused = tool("apply", "--server-side", "--field-manager=second", "-f", "one.yaml", code=1)
    assert 'conflict with "first": .data.a' in refused.err
    tool("apply", "--server-side", "--field-manager=second", "--force-conflicts", "-f", "one.yaml")
    found = read("one")
    assert found["data"] == {"a": "9", "b": "2"}
    assert managers(found) == {("first", "Apply"), ("second", "Apply")}


def test_from_client_side_to_server_side(tool: Tool, read) -> None:
    tool.file("one.yaml", CONFIG)
    tool("apply", "-f", "one.yaml")
    assert {operation for _, operation in managers(read("one"))} == {"Update"}
    tool.file("one.yaml", CONFIG.replace('a: "1"', 'a: "3"').replace(', b: "2"', ""))
    tool("apply", "--server-side", "--force-conflicts", "-f", "one.yaml")
    assert read("one")["data"]["a"] == "3"
    assert "Apply" in {operation for _, operation in managers(read("one"))}


def test_kubectl_migrates_the_records_of_client_side_apply(kubectl: Tool, read) -> None:
    kubectl.file("one.yaml", CONFIG)
    kubectl("apply", "-f", "one.yaml")
    kubectl.file("one.yaml", CONFIG.replace(', b: "2"', ""))
    kubectl("apply", "--server-side", "-f", "one.yaml")
    found = read("one")
    assert managers(found) == {("kubectl", "Apply"), ("kubectl-last-applied", "Apply")}
    assert found["data"] == {"a": "1"}
    shown = kubectl("apply", "view-last-applied", "configmap/one", "-o", "json").out
    assert json.loads(shown)["data"] == {"a": "1"}


def test_who_owns_what_is_shown_when_asked_for(tool: Tool) -> None:
    tool.file("one.yaml", CONFIG)
    tool("apply", "--server-side", "-f", "one.yaml")
    for form in ("yaml", "json"):
        assert "managedFields" not in tool("get", "configmap", "one", "-o", form).out
        assert "managedFields" in tool("get", "configmap", "one", "-o", form, "--show-managed-fields").out


def test_a_server_side_dry_run_and_diff(kubectl: Tool, read) -> None:
    kubectl.file("one.yaml", CONFIG)
    kubectl("apply", "--server-side", "-f", "one.yaml")
    before = read("one")
    kubectl.file("one.yaml", CONFIG.replace('a: "1"', 'a: "5"'))
    assert "dry run" in kubectl("apply", "--server-side", "--dry-run=server", "-f", "one.yaml").out
    for flags in ((), ("--server-side",)):
        changed = kubectl("diff", *flags, "-f", "one.yaml", code=1).out
        assert '-  a: "1"' in changed
        assert '+  a: "5"' in changed
    assert read("one") == before


def test_editing_and_setting_keep_the_records_of_others(tool: Tool, read) -> None:
    tool.file("one.yaml", CONFIG)
    tool("apply", "--server-side", "--field-manager=first", "-f", "one.yaml")
    tool("label", "configmap", "one", "x=y")
    found = read("one")
    assert ("first", "Apply") in managers(found)
    assert len(managers(found)) == 2
