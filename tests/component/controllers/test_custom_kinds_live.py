"""Controllers that look at every kind look at those that clients define too, also when these come later."""

from __future__ import annotations

import pytest
from control_plane import CONFIG_MAPS, NAMESPACES, condition, eventually

from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find

DEFINITIONS = find("customresourcedefinitions", "apiextensions.k8s.io")
WIDGETS = Resource("example.com", "v1", "Widget", "widgets", True, "")
SCHEMA = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
DEFINITION = {
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": SCHEMA}],
    },
}


@pytest.fixture
async def defined(plane):
    """A control plane whose controllers ran before Widgets were defined."""
    plane.controllers()
    await eventually(lambda: plane.get(CONFIG_MAPS, "kube-root-ca.crt"))
    await plane.client.create(
        DEFINITIONS, {"apiVersion": DEFINITIONS.api_version, "kind": DEFINITIONS.kind, **DEFINITION}
    )
    await eventually(lambda: served(plane))
    return plane


async def served(plane):
    found = await plane.get(DEFINITIONS, "widgets.example.com", namespace="")
    conditions = found["status"]["conditions"] or []
    return any((c["type"], c["status"]) == ("Established", "True") for c in conditions)


async def widget(plane, name, *, owner=None, namespace="default", **metadata):
    if owner is not None:
        ref = {"apiVersion": "example.com/v1", "kind": "Widget", "name": owner["metadata"]["name"]}
        metadata["ownerReferences"] = [{**ref, "uid": owner["metadata"]["uid"]}]
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name, **metadata}}
    return await plane.client.create(WIDGETS, body, namespace=namespace)


async def names(plane, resource, namespace="default"):
    return {item["metadata"]["name"] for item in await plane.list(resource, namespace)}


async def test_what_a_custom_resource_owns_goes_with_it(defined):
    owner = await widget(defined, "owner")
    await widget(defined, "owned", owner=owner)
    await widget(defined, "free")
    owned = {"name": "owned", "ownerReferences": [{"apiVersion": "example.com/v1", "kind": "Widget", "name": "owner",
                                                   "uid": owner["metadata"]["uid"]}]}  # fmt: skip
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": owned}
    await defined.client.create(CONFIG_MAPS, body, namespace="default")
    await defined.client.delete(WIDGETS, "owner", namespace="default")

    async def gone():
        return await names(defined, WIDGETS) == {"free"} and "owned" not in await names(defined, CONFIG_MAPS)

    await eventually(gone)


async def test_a_namespace_ends_with_its_custom_resources(defined):
    await defined.client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    await widget(defined, "w", namespace="team", finalizers=["example.com/hold"])
    await defined.client.delete(NAMESPACES, "team")

    async def waits():
        namespace = await defined.get(NAMESPACES, "team", namespace="")
        return condition(namespace, "NamespaceContentRemaining").get("status") == "True"

    await eventually(waits)
    namespace = await defined.get(NAMESPACES, "team", namespace="")
    assert (
        "widgets.example.com has 1 resource instances" in condition(namespace, "NamespaceContentRemaining")["message"]
    )
    await defined.client.patch(WIDGETS, "w", {"metadata": {"finalizers": None}}, namespace="team")

    async def gone():
        return await defined.get(NAMESPACES, "team", namespace="") is None

    await eventually(gone)


async def test_a_definition_that_goes_is_forgotten(defined):
    await widget(defined, "w")
    await defined.client.delete(DEFINITIONS, "widgets.example.com")

    async def gone():
        return await defined.get(DEFINITIONS, "widgets.example.com", namespace="") is None

    await eventually(gone)
    with pytest.raises(ApiError) as refused:
        await defined.client.list(WIDGETS, namespace="default")
    assert refused.value.code == 404
