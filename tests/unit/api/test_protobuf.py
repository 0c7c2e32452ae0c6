"""Protobuf bodies: built here from wire rules alone, decoded by schema and number table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.protobuf.decoding import MAGIC, ProtobufError, decode, envelope
from podwright.api.protobuf.encoding import encode as encode_object
from podwright.api.protobuf.numbers import NUMBERS
from podwright.api.resources import RESOURCES, find
from podwright.api.schema import TypeSchema, schema_of

Message = list[tuple[int, Any]]


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def encode(message: Message) -> bytes:
    """(number, int | str | bytes | message) pairs as protobuf."""
    out = b""
    for number, value in message:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
            continue
        data = encode(value) if isinstance(value, list) else value.encode() if isinstance(value, str) else value
        out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


META: Message = [
    (1, "web"),
    (2, ""),
    (3, "ns"),
    (7, 0),
    (8, []),
    (11, [(1, "app"), (2, "web")]),
    (11, [(1, "e"), (2, "")]),
]

CASES: dict[str, tuple[str, str, Message, dict[str, Any]]] = {
    "metadata and maps": (
        "namespaces",
        "",
        [(1, META), (2, []), (3, [(1, "")])],
        {"metadata": {"name": "web", "namespace": "ns", "labels": {"app": "web", "e": ""}}, "spec": {}, "status": {}},
    ),
    "messages within messages": (
        "validatingadmissionpolicybindings",
        "admissionregistration.k8s.io",
        [(2, [(1, "p"), (3, [(3, [(1, "n"), (2, [(1, "CREATE"), (2, [(1, "g"), (3, "pods"), (4, "*")])])])])])],
        {
            "spec": {
                "policyName": "p",
                "matchResources": {
                    "resourceRules": [
                        {
                            "resourceNames": ["n"],
                            "operations": ["CREATE"],
                            "apiGroups": ["g"],
                            "resources": ["pods"],
                            "scope": "*",
                        }
                    ]
                },
            }
        },
    ),
    "lists inside a map": (
        "subjectaccessreviews",
        "authorization.k8s.io",
        [(2, [(3, "jane"), (5, [(1, "a"), (2, [(1, "x"), (1, "y")])]), (5, [(1, "b"), (2, [])])])],
        {"spec": {"user": "jane", "extra": {"a": ["x", "y"], "b": []}}},
    ),
    "bytes and bool": (
        "secrets",
        "",
        [(1, [(1, "s")]), (2, [(1, "k"), (2, b"\x00v")]), (3, "Opaque"), (5, 0)],
        {"metadata": {"name": "s"}, "data": {"k": "AHY="}, "type": "Opaque", "immutable": False},
    ),
    "int-or-string, negative numbers": (
        "services",
        "",
        [(2, [(1, [(1, "http"), (2, "TCP"), (3, 80), (4, [(1, 1), (2, 0), (3, "web")]), (5, 0)]), (7, "None")])],
        {
            "spec": {
                "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "web"}],
                "sessionAffinity": "None",
            }
        },
    ),
    "embedded messages, quantities, nullable zeros": (
        "pods",
        "",
        [
            (
                2,
                [
                    (1, [(1, "v"), (2, [(2, [(1, "Memory")])])]),
                    (
                        2,
                        [
                            (1, "c"),
                            (8, [(1, [(1, "cpu"), (2, [(1, "100m")])])]),
                            (10, [(1, [(2, [(1, "/"), (2, [(2, 80)])])])]),
                        ],
                    ),
                    (4, 0),
                ],
            )
        ],
        {
            "spec": {
                "volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}],
                "containers": [
                    {
                        "name": "c",
                        "resources": {"limits": {"cpu": "100m"}},
                        "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
                    }
                ],
                "terminationGracePeriodSeconds": 0,
            }
        },
    ),
    "times": (
        "leases",
        "coordination.k8s.io",
        [(1, [(8, [(1, 1_767_225_600)])]), (2, [(1, "me"), (2, -1), (4, [(1, 1_767_225_600), (2, 5000)])])],
        {
            "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"holderIdentity": "me", "leaseDurationSeconds": -1, "renewTime": "2026-01-01T00:00:00.000005Z"},
        },
    ),
}


@pytest.mark.parametrize(("plural", "group", "message", "expected"), CASES.values(), ids=CASES.keys())
def test_decode(plural: str, group: str, message: Message, expected: dict[str, Any]) -> None:
    assert decode(encode(message), schema_of(find(plural, group).cls)) == expected


def test_envelope_is_taken_off() -> None:
    body = MAGIC + encode([(1, [(1, "v1"), (2, "Pod")]), (2, b"raw"), (3, ""), (4, "")])
    assert envelope(body) == ("v1", "Pod", b"raw")
    with pytest.raises(ProtobufError, match="marker"):
        envelope(b"{}")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_an_error(raw: bytes) -> None:
    try:
        assert isinstance(decode(raw, schema_of(find("pods").cls)), dict)
        envelope(MAGIC + raw)
    except ProtobufError:
        pass


def test_every_field_of_every_resource_has_its_number() -> None:
    table = {line.partition(":")[0] for line in NUMBERS.splitlines() if ":" in line}
    seen: set[str] = set()

    def walk(schema: TypeSchema) -> None:
        if schema.name in seen:
            return
        seen.add(schema.name)
        assert schema.name.removeprefix("io.k8s.") in table
        for field in schema.fields.values():
            for ref in (field.ref, field.item.ref if field.item else None):
                if ref:
                    walk(ref)

    for row in RESOURCES:
        walk(schema_of(row.cls))
    assert len(seen) > 150


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "open": {"type": "object", "additionalProperties": True},
        "closed": {"type": "object", "additionalProperties": False},
        "typed": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}},
        "list": {"type": "array", "items": {"type": "number", "minimum": 0.5}, "default": [1, 2]},
        "tuple": {"type": "array", "items": [{"type": "string"}, {"type": "integer", "format": "int64"}]},
    },
    "enum": [{"a": 1}, None],
}


def test_alternatives_survive_the_way_there_and_back() -> None:
    """A schema that is an object or a boolean, an object or a list."""
    row = find("customresourcedefinitions", "apiextensions.k8s.io")
    spec = {"group": "g", "names": {"plural": "x", "kind": "X"}, "scope": "Cluster", "versions": [{"name": "v1"}]}
    spec["versions"][0]["schema"] = {"openAPIV3Schema": SCHEMA}
    document = {"kind": row.kind, "apiVersion": row.api_version, "metadata": {"name": "x.g"}, "spec": spec}
    there = encode_object(document, schema_of(row.cls))
    api_version, kind, raw = envelope(there)
    back = decode(raw, schema_of(row.cls))
    assert (api_version, kind) == (row.api_version, row.kind)
    assert back["spec"]["versions"][0]["schema"]["openAPIV3Schema"] == SCHEMA
