"""Protobuf: what bodies mean, as Go clients send them; what is said of those that mean nothing; and answers."""

import asyncio

import pytest
from api_client import CM, Api, configmap, running
from minimal_manifests import CREATE_ONLY, manifest, name_of

from podwright.api.core.configmap import ConfigMap
from podwright.api.meta import Status
from podwright.api.model import prune
from podwright.api.protobuf.decoding import decode, envelope
from podwright.api.resources import RESOURCES
from podwright.api.schema import schema_of

PROTOBUF = "application/vnd.kubernetes.protobuf"


def field(number, content):
    """A length-delimited field."""
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def body(api_version, kind, raw):
    """The marker and the envelope around a message."""
    return b"k8s\0" + field(1, field(1, api_version) + field(2, kind)) + field(2, raw)


async def send(api, method, path, content):
    return await api.send(method, path, content, headers={"content-type": PROTOBUF})


async def test_a_new_object(api):
    answer = await send(api, "POST", CM, body(b"v1", b"ConfigMap", field(1, field(1, b"x"))))
    assert (answer.status, answer.body["metadata"]["name"]) == (201, "x")


async def test_options_of_a_delete(api):
    await api.create(CM, configmap("x"))
    wrong = body(b"v1", b"DeleteOptions", field(2, field(1, b"another-uid")))
    assert (await send(api, "DELETE", f"{CM}/x", wrong)).status == 409
    right = body(b"meta.k8s.io/v1", b"DeleteOptions", field(4, b"Background"))
    assert (await send(api, "DELETE", f"{CM}/x", right)).status == 200


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "must be of type ConfigMap"),
        (b"k8s\0garbage", "must be of type ConfigMap"),
        (body(b"v1", b"ConfigMap", b"\xff"), "must be of type ConfigMap"),
        (body(b"a.b/v1", b"Nope", b""), 'no kind "Nope" is registered for version "a.b/v1"'),
        (body(b"v1", b"Secret", b""), "Secret"),
    ],
)
async def test_what_is_no_object_is_a_bad_request(api, content, reason):
    answer = await send(api, "POST", CM, content)
    assert answer.status == 400
    assert reason in answer.message


async def test_what_are_no_options_is_a_bad_request(api):
    await api.create(CM, configmap("x"))
    for content in (b"k8s\0garbage", body(b"v1", b"Pod", b"")):
        assert (await send(api, "DELETE", f"{CM}/x", content)).status == 400
    assert (await api.get(f"{CM}/x")).status == 200


ONLY = {"accept": PROTOBUF}
METADATA = PROTOBUF + ";as={};v=v1;g=meta.k8s.io"


@pytest.mark.parametrize("row", [r for r in RESOURCES if r.versioned not in CREATE_ONLY], ids=lambda r: r.versioned)
async def test_answers_say_what_json_says(api, row):
    """Every kind, one by one and in lists: decoding what was answered gives what JSON shows."""
    path = row.path("ns" if row.namespaced else None)
    if "create" in row.verbs:
        made = await api.post(path, manifest(row, name_of(row)))
        assert made.status == 201, made
    shown = await api.get(path)
    answer = await api.send("GET", path, headers=ONLY)
    assert (answer.status, answer.headers["content-type"]) == (200, PROTOBUF)
    assert envelope(answer.raw)[:2] == (row.api_version, f"{row.kind}List")
    for item in shown.body["items"]:
        one = await api.send("GET", f"{path}/{item['metadata']['name']}", headers=ONLY)
        api_version, kind, raw = envelope(one.raw)
        assert (api_version, kind) == (row.api_version, row.kind)
        assert prune(row.cls, decode(raw, schema_of(row.cls))) == prune(row.cls, item)


async def test_a_refusal_in_protobuf(api):
    answer = await api.send("GET", f"{CM}/nope", headers=ONLY)
    assert (answer.status, answer.headers["content-type"]) == (404, PROTOBUF)
    api_version, kind, raw = envelope(answer.raw)
    assert (api_version, kind) == ("v1", "Status")
    status = decode(raw, schema_of(Status))
    assert (status["reason"], status["code"]) == ("NotFound", 404)
    assert status["details"] == {"name": "nope", "kind": "configmaps"}


async def test_metadata_alone(api):
    await api.create(CM, configmap("x", k="v"))
    shown = (await api.get(f"{CM}/x")).body["metadata"]
    one = await api.send("GET", f"{CM}/x", headers={"accept": METADATA.format("PartialObjectMetadata")})
    assert one.headers["content-type"] == PROTOBUF
    api_version, kind, raw = envelope(one.raw)
    assert (api_version, kind) == ("meta.k8s.io/v1", "PartialObjectMetadata")
    found = decode(raw, schema_of(ConfigMap))
    assert found.keys() == {"metadata"}
    assert prune(ConfigMap, found)["metadata"] == shown
    many = await api.send("GET", CM, headers={"accept": METADATA.format("PartialObjectMetadataList")})
    assert envelope(many.raw)[:2] == ("meta.k8s.io/v1", "PartialObjectMetadataList")
    assert raw in envelope(many.raw)[2]
    refused = await api.send("GET", f"{CM}/no", headers={"accept": METADATA.format("PartialObjectMetadata")})
    assert refused.headers["content-type"] == "application/json"


async def test_who_takes_json_too_gets_json(api):
    answer = await api.send("GET", CM, headers={"accept": f"{PROTOBUF},application/json"})
    assert answer.headers["content-type"] == "application/json"


class Frames:
    """Events of a watch in protobuf: type, kind and object of each."""

    def __init__(self, stream):
        self.stream = stream
        self._pieces = aiter(stream)
        self._rest = b""

    async def next(self, cls):
        while len(self._rest) < 4 or len(self._rest) < 4 + int.from_bytes(self._rest[:4], "big"):
            async with asyncio.timeout(5):
                self._rest += await anext(self._pieces)
        size = int.from_bytes(self._rest[:4], "big")
        event, self._rest = self._rest[4 : 4 + size], self._rest[4 + size :]
        (_, kind), (_, extension) = fields(event)
        ((_, raw),) = fields(extension)
        api_version, name, content = envelope(raw)
        return kind.decode(), f"{api_version} {name}", prune(cls, decode(content, schema_of(cls)))


def fields(message):
    """Number and content of each length-delimited field."""
    found = []
    while message:
        size, begin, shift = 0, 1, 0
        while True:
            byte = message[begin]
            size |= (byte & 0x7F) << shift
            begin, shift = begin + 1, shift + 7
            if byte < 0x80:
                break
        found.append((message[0] >> 3, message[begin : begin + size]))
        message = message[begin + size :]
    return found


async def test_a_watch_in_protobuf(api):
    made = await api.create(CM, configmap("x", k="v"))
    watch = await api.watch(CM, headers=ONLY, resourceVersion="0")
    assert watch.stream.headers["content-type"] == f"{PROTOBUF};stream=watch"
    frames = Frames(watch.stream)
    kind, what, obj = await frames.next(ConfigMap)
    assert (kind, what) == ("ADDED", "v1 ConfigMap")
    assert {"kind": "ConfigMap", "apiVersion": "v1", **obj} == made
    await api.patch(f"{CM}/x", {"data": {"k": "w"}})
    kind, _, obj = await frames.next(ConfigMap)
    assert (kind, obj["data"]) == ("MODIFIED", {"k": "w"})
    await api.delete(f"{CM}/x")
    kind, _, obj = await frames.next(ConfigMap)
    assert (kind, obj["metadata"]["name"]) == ("DELETED", "x")
    assert int(obj["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"]) + 1


async def test_a_watch_list_in_protobuf(api):
    await api.create(CM, configmap("x"))
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    frames = Frames((await api.watch(CM, headers=ONLY, **query)).stream)
    assert (await frames.next(ConfigMap))[0] == "ADDED"
    kind, what, obj = await frames.next(ConfigMap)
    assert (kind, what) == ("BOOKMARK", "v1 ConfigMap")
    assert obj["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watch_of_metadata_in_protobuf(api):
    await api.create(CM, configmap("x", k="v"))
    accept = {"accept": METADATA.format("PartialObjectMetadata")}
    frames = Frames((await api.watch(CM, headers=accept, resourceVersion="0")).stream)
    kind, what, obj = await frames.next(ConfigMap)
    assert (kind, what) == ("ADDED", "meta.k8s.io/v1 PartialObjectMetadata")
    assert obj["metadata"]["name"] == "x"
    assert "data" not in obj


async def test_what_goes_wrong_in_a_watch_is_told_in_protobuf():
    async with running(event_window=3) as server:
        api, path = Api(server), "/api/v1/namespaces/default/configmaps"
        for i in range(6):
            await api.create(path, configmap(f"x{i}"))
        watch = await api.watch(path, headers=ONLY, resourceVersion=1)
        kind, what, status = await Frames(watch.stream).next(Status)
        assert (kind, what, status["code"]) == ("ERROR", "v1 Status", 410)
        await api.close()
