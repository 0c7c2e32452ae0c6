"""Which objects hold the parameters of a binding."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.resources import RESOURCES, Resource, find
from podwright.apiserver.admission.policies.params import ConfigurationError, find_params, resource_of

JSON = dict[str, Any]
CONFIGMAPS, NODES = find("configmaps"), find("nodes")
NONE = "no params found for policy binding with `Deny` parameterNotFoundAction"


def _made(name: str, namespace: str = "", **labels: str) -> JSON:
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}}


class _Objects:
    def get(self, resource: Resource, name: str, namespace: str = "") -> JSON | None:
        return next((each for each in self.list(resource, namespace) if each["metadata"]["name"] == name), None)

    def list(self, resource: Resource, namespace: str = "") -> list[JSON]:
        found = [_made("a", "x", size="1"), _made("b", "x", size="2"), _made("a", "y")]
        if resource is NODES:
            return [_made("n", size="1")]
        return [each for each in found if not namespace or each["metadata"]["namespace"] == namespace]


def _find(ref: JSON, resource: Resource = CONFIGMAPS, namespace: str = "x") -> list[str]:
    found = find_params(resource, {"parameterNotFoundAction": "Deny", **ref}, namespace, _Objects())
    return [f"{each['metadata']['namespace']}/{each['metadata']['name']}" for each in found]


@pytest.mark.parametrize(
    ("ref", "resource", "namespace", "wanted"),
    [
        pytest.param({"name": "a"}, CONFIGMAPS, "x", ["x/a"], id="name"),
        pytest.param({"name": "a", "namespace": "y"}, CONFIGMAPS, "x", ["y/a"], id="namespace"),
        pytest.param({"name": "a", "namespace": "y"}, CONFIGMAPS, "", ["y/a"], id="of-what-is-in-none"),
        pytest.param({"selector": {}}, CONFIGMAPS, "x", ["x/a", "x/b"], id="all"),
        pytest.param({"selector": {"matchLabels": {"size": "2"}}}, CONFIGMAPS, "x", ["x/b"], id="labels"),
        pytest.param({"name": "n"}, NODES, "x", ["/n"], id="in-no-namespace"),
        pytest.param({"selector": {}}, NODES, "", ["/n"], id="all-in-no-namespace"),
        pytest.param({"name": "c", "parameterNotFoundAction": "Allow"}, CONFIGMAPS, "x", [], id="none-allowed"),
    ],
)
def test_found(ref: JSON, resource: Resource, namespace: str, wanted: list[str]) -> None:
    assert _find(ref, resource, namespace) == wanted


@pytest.mark.parametrize(
    ("ref", "resource", "namespace", "why"),
    [
        pytest.param({"name": "c"}, CONFIGMAPS, "x", NONE, id="no-such-name"),
        pytest.param({"selector": {"matchLabels": {"size": "3"}}}, CONFIGMAPS, "x", NONE, id="no-such-labels"),
        pytest.param(
            {"name": "a"},
            CONFIGMAPS,
            "",
            "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
            id="no-namespace",
        ),
        pytest.param(
            {"name": "n", "namespace": "x"},
            NODES,
            "x",
            "paramRef.namespace must not be provided for a cluster-scoped `paramKind`",
            id="namespace-too-many",
        ),
    ],
)
def test_not_found(ref: JSON, resource: Resource, namespace: str, why: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _find(ref, resource, namespace)
    assert str(caught.value) == why


def test_the_kind_of_parameters() -> None:
    assert resource_of({"apiVersion": "v1", "kind": "ConfigMap"}, RESOURCES) is CONFIGMAPS
    with pytest.raises(ConfigurationError) as caught:
        resource_of({"apiVersion": "a.test/v1", "kind": "Limit"}, RESOURCES)
    assert str(caught.value) == "failed to find resource referenced by paramKind: 'a.test/v1, Kind=Limit'"
