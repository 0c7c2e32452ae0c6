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
    refused = kubectl("apply", "-f", "-", stdin=gizmo(50), code=1).err
    assert "only big gizmos may be that large" in refused
    unknown = kubectl("apply", "--validate=strict", "-f", "-", stdin=gizmo(6, nope=1), code=1).err
    assert 'unknown field "spec.nope"' in unknown
    assert "gizmos" in kubectl("api-resources", "--api-group=compat.example.com", "-o", "name").out
