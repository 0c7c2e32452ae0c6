"""A definition to try things on, and its parts."""

from typing import Any

JSON = dict[str, Any]
GROUP = "example.com"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = f"/apis/{GROUP}/v1/namespaces/ns/widgets"
SPEC: JSON = {
    "type": "object",
    "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 100},
        "color": {"type": "string", "enum": ["red", "green"], "default": "red"},
        "pat": {"type": "string", "pattern": "^[a-z]+$"},
        "replicas": {"type": "integer", "default": 1},
        "nested": {"type": "object", "default": {}, "properties": {"a": {"type": "string", "default": "deep"}}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "ios": {"x-kubernetes-int-or-string": True},
        "nul": {"type": "string", "nullable": True},
        "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "template": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
        },
    },
}
STATUS: JSON = {"type": "object", "properties": {"phase": {"type": "string"}, "replicas": {"type": "integer"},
                                                 "selector": {"type": "string"}}}  # fmt: skip
SCALE = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
         "labelSelectorPath": ".status.selector"}  # fmt: skip


def version(name: str, spec: JSON | None = None, **more: Any) -> JSON:
    """A served version, the stored one unless told otherwise."""
    schema = {"type": "object", "properties": {"spec": spec or SPEC, "status": STATUS}}
    return {"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **more}


def definition(plural: str = "widgets", kind: str = "Widget", *versions: JSON, **names: Any) -> JSON:
    """A definition with one version that has everything, or with the given ones."""
    full = version(
        "v1",
        subresources={"status": {}, "scale": SCALE},
        additionalPrinterColumns=[
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        ],
        selectableFields=[{"jsonPath": ".spec.color"}],
    )
    spec = {"group": GROUP, "scope": "Namespaced", "names": {"plural": plural, "kind": kind, **names}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {**spec, "versions": list(versions) or [full]},
    }


def widget(name: str, kind: str = "Widget", of_version: str = "v1", **spec: Any) -> JSON:
    """An object of the definition."""
    return {"apiVersion": f"{GROUP}/{of_version}", "kind": kind, "metadata": {"name": name}, "spec": spec}


async def established(api: Any, wanted: JSON) -> JSON:
    """Create a definition and wait until it says that it is served."""
    await api.create(DEFINITIONS, wanted)
    return await condition(api, wanted["metadata"]["name"], "Established", "True")


async def condition(api: Any, name: str, kind: str, status: str) -> JSON:
    """Wait for a condition, by watching as clients do; returns the definition."""
    watch = await api.watch(DEFINITIONS, fieldSelector=f"metadata.name={name}", resourceVersion="0")
    while True:
        event = await watch.next()
        assert event is not None
        found = event[1]
        conditions = found.get("status", {}).get("conditions") or ()
        if any((c["type"], c["status"]) == (kind, status) for c in conditions):
            return found
