"""Custom resources as kubectl's users meet them: define, wait, explain, apply, get, edit out, and be refused."""

from __future__ import annotations

import json

import pytest
from clients import Tool

pytestmark = pytest.mark.kubectl

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gizmos.compat.example.com
spec:
  group: compat.example.com
  scope: Namespaced
  names: {plural: gizmos, kind: Gizmo, shortNames: [gz]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    schema:
      openAPIV3Schema:
        type: object
        description: A gizmo of the tests.
        properties:
          spec:
            type: object
            required: [size]
            x-kubernetes-validations:
            - {rule: "self.size <= 10 || self.big", message: only big gizmos may be that large}
            properties:
              size: {type: integer, minimum: 1, description: How large it is.}
              big: {type: boolean, default: false}
              replicas: {type: integer, default: 1}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
          status:
            type: object
            properties: {replicas: {type: integer}}
"""


def gizmo(size: int = 3, **more: object) -> str:
    spec = {"size": size, **more}
    return json.dumps({"apiVersion": "compat.example.com/v1", "kind": "Gizmo", "metadata": {"name": "g"}, "spec": spec})


def test_a_kind_of_ones_own(kubectl: Tool) -> None:
    kubectl("create", "-f", "-", stdin=DEFINITION)
    kubectl("wait", "--for=condition=Established", "crd/gizmos.compat.example.com", "--timeout=10s")
    try:
        _use(kubectl)
    finally:
        kubectl("delete", "crd", "gizmos.compat.example.com", "--timeout=20s")
    assert "NotFound" in kubectl("get", "gizmos", code=1).err  # kubectl remembers that there was such a kind


def _use(kubectl: Tool) -> None:
    page = kubectl("explain", "gizmos.spec.size").out
    assert "How large it is." in page
    assert "A gizmo of the tests." in kubectl("explain", "gz").out
    kubectl("apply", "-f", "-", stdin=gizmo())
    assert kubectl("get", "gz").out.split() == ["NAME", "SIZE", "g", "3"]
    kubectl("apply", "-f", "-", stdin=gizmo(4, free={"any": ["thing"]}))
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=gizmo(5))
    assert kubectl("get", "gizmo", "g", "-o", "jsonpath={.spec.size} {.spec.replicas}").out == "5 1"
    kubectl("scale", "gizmo", "g", "--replicas=3")
    assert kubectl("get", "gz", "g", "-o", "jsonpath={.spec.replicas}").out == "3"
    kubectl("patch", "gizmo", "g", "--type=merge", "-p", '{"spec": {"size": 6}}')
    kubectl("patch", "gizmo", "g", "--type=json", "-p", '[{"op": "replace", "path": "/spec/size", "value": 7}]')
    strategic = kubectl("patch", "gizmo", "g", "-p", '{"spec": {"size": 8}}', code=1).err
    assert "application/strategic-merge-patch+json is not supported by compat.example.com/v1, Kind=Gizmo" in strategic
    kubectl("patch", "gizmo", "g", "--subresource=status", "--type=merge", "-p", '{"status": {"replicas": 3}}')
    kubectl("wait", "gizmo/g", "--for=jsonpath={.status.replicas}=3", "--timeout=10s")
    assert "+  size: 9" in kubectl("diff", "-f", "-", stdin=gizmo(9), code=1).out
    # The version stays in what was applied last, so kubectl takes it away next, which an object of ones own must not.
    shown = json.loads(kubectl("get", "gz", "g", "-o", "json").out)
    shown["spec"]["size"] = 9
    kubectl("replace", "-f", "-", stdin=json.dumps(shown))
    assert kubectl("get", "gz", "g", "-o", "jsonpath={.spec.size}").out == "9"
    kubectl("label", "gz", "g", "a=b")
    assert kubectl("get", "gz", "-l", "a=b", "-o", "name").out == "gizmo.compat.example.com/g\n"
    assert "must be specified for an update" in kubectl("apply", "-f", "-", stdin=gizmo(9), code=1).err
    kubectl("annotate", "gz", "g", "kubectl.kubernetes.io/last-applied-configuration-")
    refused = kubectl("apply", "-f", "-", stdin=gizmo(50), code=1).err
    assert "only big gizmos may be that large" in refused
    unknown = kubectl("apply", "--validate=strict", "-f", "-", stdin=gizmo(6, nope=1), code=1).err
    assert 'unknown field "spec.nope"' in unknown
    assert "gizmos" in kubectl("api-resources", "--api-group=compat.example.com", "-o", "name").out


FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
NESTED = {
    "type": "object", "description": "Anything goes below.",
    "properties": {"spec": {**FREE, "description": "Free."}, "status": {**FREE, "description": "Told."}},
}  # fmt: skip
BARS = {
    "type": "object", "description": "A foo of the tests.",
    "properties": {"spec": {"type": "object", "description": "What a foo is.", "properties": {"bars": {
        "type": "array", "description": "The bars of a foo.", "items": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "description": "Name of a bar."},
            "age": {"type": "string"},
            "bazs": {"type": "array", "description": "The bazs of a bar.", "items": {"type": "string"}},
        }},
    }}}},
}  # fmt: skip


@pytest.fixture
def defined(kubectl: Tool, request: pytest.FixtureRequest):
    """kubectl, while Foos of the given schema are served."""
    group = f"{kubectl.namespace}.example.net"  # kubectl remembers the kinds of a group
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": getattr(request, "param", BARS)},
    }
    spec = {"group": group, "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [version]}
    body = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}
    kubectl("create", "-f", "-", stdin=json.dumps({**body, "metadata": {"name": f"foos.{group}"}}))
    kubectl("wait", "--for=condition=Established", f"crd/foos.{group}", "--timeout=10s")
    yield kubectl, group
    kubectl("delete", "crd", f"foos.{group}", "--timeout=20s")


def foo(group: str, **rest: object) -> str:
    return json.dumps({"apiVersion": f"{group}/v1", "kind": "Foo", "metadata": {"name": "test-foo"}, **rest})


@pytest.mark.parametrize(
    ("defined", "content", "words"),
    [
        pytest.param(FREE, {"a": {"b": [{"c": "d"}]}}, "KIND:       Foo", id="free at the root"),
        pytest.param(NESTED, {"spec": {"b": [{"c": "d"}]}}, "Anything goes below.", id="free inside"),
    ],
    indirect=["defined"],
)
def test_unknown_fields_where_they_are_free(defined, content: dict[str, object], words: str) -> None:
    kubectl, group = defined
    for verb in ("create", "apply"):
        kubectl(verb, "-f", "-", stdin=foo(group, **content))
        found = json.loads(kubectl("get", f"foos.{group}", "test-foo", "-o", "json").out)
        assert {name: found[name] for name in content} == content
        kubectl("delete", f"foos.{group}", "test-foo")
    assert words in kubectl("explain", f"foos.{group}").out


def test_fields_of_a_schema_are_checked_and_explained(defined) -> None:
    kubectl, group = defined
    for verb in ("create", "apply"):
        kubectl(verb, "-f", "-", stdin=foo(group, spec={"bars": [{"name": "b"}]}))
        kubectl("delete", f"foos.{group}", "test-foo")
        unknown = kubectl(verb, "-f", "-", stdin=foo(group, spec={"foo": True}), code=1).err
        assert 'unknown field "spec.foo"' in unknown
        missing = kubectl(verb, "-f", "-", stdin=foo(group, spec={"bars": [{"age": "10"}]}), code=1).err
        assert "spec.bars[0].name: Required value" in missing
    assert "A foo of the tests." in kubectl("explain", f"foos.{group}").out
    assert "creationTimestamp" in kubectl("explain", f"foos.{group}.metadata").out
    page = kubectl("explain", f"foos.{group}.spec").out
    assert "bars\t<[]Object>" in page
    page = kubectl("explain", f"foos.{group}.spec.bars").out
    for words in ("The bars of a foo.", "bazs\t<[]string>", "The bazs of a bar.", "Name of a bar.", "-required-"):
        assert words in page
    assert 'field "bars2" does not exist' in kubectl("explain", f"foos.{group}.spec.bars2", code=1).err
