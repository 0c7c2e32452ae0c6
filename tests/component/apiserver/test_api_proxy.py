"""Requests that are passed on to pods: who answers, what is sent, what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_client import PODS, Api, pod

from podwright.api.errors import ApiError, service_unavailable

JSON = dict[str, Any]
SERVICES = "/api/v1/namespaces/ns/services"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\nX-A: b\r\n\r\nhello"


class Connection:
    """A pod's side: says its answer in pieces once it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.sent, self.closed = answer, b"", False

    async def send(self, data: bytes) -> None:
        self.sent += data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert self.sent
        for at in range(0, len(self.answer), 7):
            yield self.answer[at : at + 7]

    async def close(self) -> None:
        self.closed = True


class Nodes:
    """The way to the nodes."""

    def __init__(self, answer: bytes = PLAIN) -> None:
        self.asked: list[tuple[str, int]] = []
        self.connection = Connection(answer)

    async def dial(self, pod: JSON, port: int) -> Connection:
        self.asked.append((pod["metadata"]["name"], port))
        if port == 9:
            raise service_unavailable("the node is away")
        return self.connection


async def running_pod(api: Api, name: str = "p", ip: str = "10.2.0.3", **spec: Any) -> None:
    await api.create(PODS, pod(name, nodeName="n1", **spec))
    answer = await api.patch(f"{PODS}/{name}/status", {"status": {"podIP": ip, "podIPs": [{"ip": ip}]}})
    assert answer.status == 200, answer


async def service(api: Api) -> None:
    ports = [{"name": "web", "port": 80, "targetPort": 8080}, {"name": "more", "port": 81}]
    await api.create(SERVICES, {"metadata": {"name": "s"}, "spec": {"ports": ports}})
    target = {"kind": "Pod", "name": "p"}
    subset = {"addresses": [{"ip": "10.2.0.3", "targetRef": target}], "ports": [{"name": "web", "port": 8080}]}
    await api.create("/api/v1/namespaces/ns/endpoints", {"metadata": {"name": "s"}, "subsets": [subset]})


async def test_a_request_and_its_answer_are_passed_on(api: Api) -> None:
    nodes = api.server.node_streams = Nodes()
    await running_pod(api)
    headers = {"accept": "text/html", "content-type": "text/x", "authorization": "Bearer secret"}
    answer = await api.send("POST", f"{PODS}/p:8080/proxy/a b/c/", "body", headers=headers, x="1 2")
    assert (answer.status, answer.raw, answer.headers) == (200, b"hello", {"content-type": "text/plain", "x-a": "b"})
    assert nodes.asked == [("p", 8080)]
    head, _, body = nodes.connection.sent.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert (first, body) == (b"POST /a%20b/c/?x=1+2 HTTP/1.1", b"body")
    assert {b"accept: text/html", b"content-type: text/x", b"Content-Length: 4", b"Connection: close"} <= set(lines)
    assert not any(b"secret" in line for line in lines)
    assert nodes.connection.closed


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        pytest.param(b"HTTP/1.0 404 No\r\n\r\nto the end", 404, b"to the end", id="until the end"),
        pytest.param(
            b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 500, b"abc", id="in chunks"
        ),
        pytest.param(b"HTTP/1.1 204 X\r\nX: y\r\n\r\n", 204, b"", id="none"),
        pytest.param(b"HTTP/1.1 100 Go\r\n\r\n" + PLAIN, 200, b"hello", id="after an interim one"),
    ],
)
async def test_answers_of_every_length(api: Api, raw: bytes, status: int, body: bytes) -> None:
    api.server.node_streams = Nodes(raw)
    await running_pod(api)
    answer = await api.get(f"{PODS}/p/proxy/")
    assert (answer.status, answer.raw) == (status, body)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", id="of a length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nd", id="in chunks"),
    ],
)
async def test_a_part_of_an_answer_is_not_taken_for_the_whole(api: Api, raw: bytes) -> None:
    nodes = api.server.node_streams = Nodes(raw)
    await running_pod(api)
    with pytest.raises(ApiError, match="the answer broke off"):
        await api.get(f"{PODS}/p/proxy/")
    assert nodes.connection.closed


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 OK\r\nX:", b"SSH-2.0 nothing of ours\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000]
)
async def test_what_is_no_answer(api: Api, raw: bytes) -> None:
    nodes = api.server.node_streams = Nodes(raw)
    await running_pod(api)
    answer = await api.get(f"{PODS}/p/proxy/")
    assert (answer.status, answer.body["reason"]) == (503, "ServiceUnavailable")
    assert answer.message.startswith("error trying to reach service: ")
    assert nodes.connection.closed


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        pytest.param(f"{PODS}/p/proxy/", ("p", 7070), id="a pod's first port"),
        pytest.param(f"{PODS}/http:p:9090/proxy/", ("p", 9090), id="one of its ports"),
        pytest.param(f"{SERVICES}/s:web/proxy/", ("p", 8080), id="a port of a service by name"),
        pytest.param(f"{SERVICES}/http:s:80/proxy/", ("p", 8080), id="and by number"),
    ],
)
async def test_who_is_asked(api: Api, path: str, asked: tuple[str, int]) -> None:
    nodes = api.server.node_streams = Nodes()
    await running_pod(api, containers=[{"name": "c", "image": "i", "ports": [{"containerPort": 7070}]}])
    await service(api)
    assert (await api.get(path)).status == 200
    assert nodes.asked == [asked]


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        pytest.param(f"{PODS}/none/proxy/", 404, 'pods "none" not found', id="no pod"),
        pytest.param(f"{SERVICES}/none/proxy/x", 404, 'services "none" not found', id="no service"),
        pytest.param("/api/v1/nodes/none/proxy/", 404, 'nodes "none" not found', id="no node"),
        pytest.param(f"{PODS}/new/proxy/", 400, "address not allowed", id="a pod without an address"),
        pytest.param(f"{PODS}/host/proxy/", 400, "address not allowed", id="a pod at a machine's own address"),
        pytest.param(f"{PODS}/p:x/proxy/", 400, 'invalid port "x"', id="no port"),
        pytest.param(f"{PODS}/ftp:p:1/proxy/", 400, 'invalid pod request "ftp:p:1"', id="no scheme"),
        pytest.param(f"{PODS}/https:p:1/proxy/", 400, "requests are passed on by http, not by https", id="encrypted"),
        pytest.param(f"{PODS}/p:9/proxy/", 503, "the node is away", id="no way there"),
        pytest.param(f"{SERVICES}/s:7/proxy/", 503, 'no service port 7 found for service "s"', id="no such port"),
        pytest.param(f"{SERVICES}/s:81/proxy/", 503, 'no endpoints available for service "s"', id="nobody behind it"),
    ],
)
async def test_whom_nobody_can_ask(api: Api, path: str, status: int, message: str) -> None:
    api.server.node_streams = Nodes()
    await running_pod(api)
    await running_pod(api, "host", "127.0.0.1")
    await api.create(PODS, pod("new"))
    await service(api)
    answer = await api.get(path)
    assert (answer.status, answer.message) == (status, message)


async def test_a_path_without_an_end_is_led_to_the_root(api: Api) -> None:
    await running_pod(api)
    answer = await api.get(f"{PODS}/p/proxy")
    assert (answer.status, answer.headers["location"]) == (301, f"{PODS}/p/proxy/")
    assert (await api.get(f"{PODS}/p/proxy/")).status == 503  # there are no nodes
    assert (await api.get(f"{PODS}/p/log/deeper")).status == 404  # only this one has paths of its own
