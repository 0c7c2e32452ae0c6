"""The protobuf form says what the JSON form says."""

from __future__ import annotations

from typing import Any

import orjson

from podwright.apiserver.openapi.documents import OpenAPI

DOCUMENTS = OpenAPI()


def _read(data: bytes) -> list[tuple[int, Any]]:
    """Take one protobuf message apart: field number and varint or bytes."""
    found: list[tuple[int, Any]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            found.append((key >> 3, varint()))
        else:
            assert key & 7 == 2
            size = varint()
            found.append((key >> 3, data[at : at + size]))
            at += size
    return found


def _one(data: bytes, number: int) -> Any:
    (value,) = [value for key, value in _read(data) if key == number]
    return value


def _pairs(data: bytes, number: int) -> dict[str, bytes]:
    pairs = [value for key, value in _read(data) if key == number]
    return {_one(pair, 1).decode(): _one(pair, 2) for pair in pairs}


def _extensions(data: bytes, number: int) -> dict[str, Any]:
    return {name: orjson.loads(_one(value, 2)) for name, value in _pairs(data, number).items()}


def test_definitions_and_paths_are_all_there() -> None:
    document, expected = DOCUMENTS.v2_protobuf(), orjson.loads(DOCUMENTS.v2())
    assert _one(document, 1) == b"2.0"
    assert list(_pairs(_one(document, 9), 1)) == list(expected["definitions"])
    assert list(_pairs(_one(document, 8), 2)) == list(expected["paths"])


def test_a_field_keeps_its_type_text_and_extensions() -> None:
    definitions = _pairs(_one(DOCUMENTS.v2_protobuf(), 9), 1)
    spec = definitions["io.k8s.api.core.v1.PodSpec"]
    assert _one(spec, 19) == b"containers"
    containers = _pairs(_one(spec, 25), 1)["containers"]
    assert _one(_one(containers, 22), 1) == b"array"
    assert _one(_one(_one(containers, 23), 1), 1) == b"#/definitions/io.k8s.api.core.v1.Container"
    assert _extensions(containers, 31)["x-kubernetes-patch-merge-key"] == "name"
    (gvk,) = _extensions(definitions["io.k8s.api.core.v1.Pod"], 31)["x-kubernetes-group-version-kind"]
    assert gvk == {"group": "", "version": "v1", "kind": "Pod"}


def test_a_patch_lists_its_query_parameters() -> None:
    item = _pairs(_one(DOCUMENTS.v2_protobuf(), 8), 2)["/api/v1/nodes/{name}"]
    patch = _one(item, 8)
    assert _extensions(patch, 13)["x-kubernetes-action"] == "patch"
    parameters = [_one(value, 1) for key, value in _read(patch) if key == 8]
    query = [_one(_one(each, 2), 3) for each in parameters if _read(each)[0][0] == 2]
    assert b"fieldValidation" in {_one(each, 4) for each in query}
    shared = [value for key, value in _read(item) if key == 9]
    path = _one(_one(_one(shared[0], 1), 2), 4)
    assert (_one(path, 4), _one(path, 1)) == (b"name", 1)
