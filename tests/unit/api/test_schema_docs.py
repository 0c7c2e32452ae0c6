"""Every kind is described, down to its last field, and its lists merge as clients expect."""

from __future__ import annotations

import pytest

from podwright.api.resources import RESOURCES, Resource, find
from podwright.api.schema import FieldSchema, TypeSchema, schema_of

from .schema_samples import all_types

TYPES = {schema.name: schema for schema in all_types()}


@pytest.mark.parametrize("row", RESOURCES, ids=lambda row: row.qualified)
def test_every_row_has_a_class_of_its_kind(row: Resource) -> None:
    made = row.cls()
    assert (made.kind, made.api_version) == (row.kind, row.api_version)
    assert list(schema_of(row.cls).fields)[:3] == ["kind", "apiVersion", "metadata"]


@pytest.mark.parametrize("schema", TYPES.values(), ids=TYPES.keys())
def test_every_type_and_field_is_documented(schema: TypeSchema) -> None:
    missing = [name for name, shape in schema.fields.items() if not shape.doc.strip().endswith((".", "`"))]
    assert not missing
    assert schema.doc.strip()
    twice = [name for name, shape in schema.fields.items() if shape.ref and shape.doc == shape.ref.doc]
    assert not twice  # explain shows both texts, one below the other


def _field(kind: str, group: str, path: str) -> FieldSchema:
    schema = schema_of(find(kind, group).cls)
    *parents, last = path.split(".")
    for name in parents:
        inner = schema.fields[name].ref
        assert inner is not None
        schema = inner
    return schema.fields[last]


@pytest.mark.parametrize(
    ("kind", "path", "strategy", "key", "list_type", "keys"),
    [
        ("pods", "spec.containers", ("merge",), "name", "map", ("name",)),
        ("pods", "spec.initContainers", ("merge",), "name", "map", ("name",)),
        ("pods", "spec.ephemeralContainers", ("merge",), "name", "map", ("name",)),
        ("pods", "spec.volumes", ("merge", "retainKeys"), "name", "map", ("name",)),
        ("pods", "spec.containers.ports", ("merge",), "containerPort", "map", ("containerPort", "protocol")),
        ("pods", "spec.containers.env", ("merge",), "name", "map", ("name",)),
        ("pods", "spec.containers.volumeMounts", ("merge",), "mountPath", "map", ("mountPath",)),
        ("pods", "spec.containers.command", (), "", "atomic", ()),
        ("pods", "spec.containers.resources.claims", (), "", "map", ("name",)),
        ("pods", "spec.imagePullSecrets", ("merge",), "name", "map", ("name",)),
        ("pods", "spec.hostAliases", ("merge",), "ip", "map", ("ip",)),
        ("pods", "spec.tolerations", (), "", "atomic", ()),
        (
            "pods", "spec.topologySpreadConstraints", ("merge",), "topologyKey", "map",
            ("topologyKey", "whenUnsatisfiable"),
        ),
        ("pods", "status.conditions", ("merge",), "type", "map", ("type",)),
        ("pods", "status.podIPs", ("merge",), "ip", "map", ("ip",)),
        ("pods", "status.containerStatuses", (), "", "atomic", ()),
        ("pods", "metadata.ownerReferences", ("merge",), "uid", "map", ("uid",)),
        ("pods", "metadata.finalizers", ("merge",), "", "set", ()),
        ("nodes", "spec.taints", (), "", "atomic", ()),
        ("nodes", "spec.podCIDRs", ("merge",), "", "set", ()),
        ("nodes", "status.addresses", ("merge",), "type", "map", ("type",)),
        ("nodes", "status.conditions", ("merge",), "type", "map", ("type",)),
        ("services", "spec.ports", ("merge",), "port", "map", ("port", "protocol")),
        ("serviceaccounts", "secrets", ("merge",), "name", "map", ("name",)),
    ],
)  # fmt: skip
def test_lists_merge_as_clients_expect(
    kind: str, path: str, strategy: tuple[str, ...], key: str, list_type: str, keys: tuple[str, ...]
) -> None:
    shape = _field(kind, "", path)
    assert (shape.patch_strategy, shape.merge_key, shape.list_type, shape.list_map_keys) == (
        strategy, key, list_type, keys,
    )  # fmt: skip


def test_a_deployments_strategy_retains_keys() -> None:
    assert _field("deployments", "apps", "spec.strategy").patch_strategy == ("retainKeys",)


def test_selectors_and_references_are_atomic() -> None:
    atomic = {schema.short_name for schema in TYPES.values() if schema.map_type == "atomic"}
    assert {"LabelSelector", "LocalObjectReference", "ObjectReference", "SecretKeySelector", "NodeSelector"} <= atomic
    assert "PodSpec" not in atomic
