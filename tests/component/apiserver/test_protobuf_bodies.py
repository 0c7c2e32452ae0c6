"""Bodies in protobuf, as Go clients send them: what they mean, and what is said of those that mean nothing."""

import pytest
from api_client import CM, configmap

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
