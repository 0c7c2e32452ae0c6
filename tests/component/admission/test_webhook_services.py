"""Webhooks by service: whoever answers for it is found, and reached through the node that runs its pod."""

import asyncio

import pytest
from api_client import CM, PODS, configmap, pod, until
from configured import VALIDATING
from hook_server import Hang, Reset, deny, hook

from podwright.api.errors import service_unavailable

SERVICE = {"namespace": "ns", "name": "hooks", "path": "/check"}


class Pipe:
    """Bytes to and from the program, as a node would carry them."""

    def __init__(self, node, reader, writer):
        self._node, self._reader, self._writer = node, reader, writer

    async def send(self, data):
        self._writer.write(data)
        await self._writer.drain()

    async def __aiter__(self):
        if self._node.refuses:
            raise service_unavailable("error trying to reach service: connection refused")
        while piece := await self._reader.read(1000):
            yield piece

    async def close(self):
        self._node.open.discard(self)
        self._writer.transport.abort()


class Node:
    """A way to pods: all of them are the program."""

    def __init__(self, port):
        self.port = port
        self.dialled = []
        self.open = set()
        self.broken = False
        self.refuses = False

    async def dial(self, found, port):
        if self.broken:
            raise service_unavailable("node n does not answer")
        self.dialled.append((found["metadata"]["name"], port))
        pipe = Pipe(self, *await asyncio.open_connection("127.0.0.1", self.port))
        self.open.add(pipe)
        return pipe


@pytest.fixture
async def node(api, hooks):
    """A node that runs the pod behind the service."""
    made = api.server.node_streams = Node(hooks.port)
    await api.create(PODS, pod("p"))
    bound = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n"}}
    assert (await api.post(f"{PODS}/p/binding", bound)).status == 201
    ports = [{"name": "web", "port": 443, "targetPort": 8443}, {"name": "other", "port": 80}]
    await api.create("/api/v1/namespaces/ns/services", {"metadata": {"name": "hooks"}, "spec": {"ports": ports}})
    target = {"kind": "Pod", "namespace": "ns", "name": "p"}
    subset = {"addresses": [{"ip": "10.1.2.3", "targetRef": target}], "ports": [{"name": "web", "port": 8443}]}
    await api.create("/api/v1/namespaces/ns/endpoints", {"metadata": {"name": "hooks"}, "subsets": [subset]})
    yield made
    await api.server.registry.admission.close()
    await api.server._hooks.close()
    assert not made.open


def by_service(hooks, **more):
    return {"service": {**SERVICE, **more}, "caBundle": hooks.bundle}


async def test_a_webhook_is_reached_through_the_node_of_its_pod(api, hooks, node):
    hooks.answers["/check"] = deny("no")
    await api.validating("v", hook("v", by_service(hooks)))
    for _ in range(2):
        answer = await api.post(CM, configmap("c"))
        assert (answer.status, answer.message) == (400, 'admission webhook "v.example.com" denied the request: no')
    assert node.dialled == [("p", 8443)]  # and the connection is used again
    assert "Host: hooks.ns.svc:443\r\n" in hooks.heads[0]
    await api.delete(f"{VALIDATING}/v")
    await api.create(CM, configmap("c"))
    await until(lambda: not node.open)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"name": "no"}, 'service "no" not found', id="no service"),
        pytest.param({"port": 8080}, 'no service port 8080 found for service "hooks"', id="no such port"),
        pytest.param({"port": 80}, 'no endpoints available for service "hooks"', id="nobody behind the port"),
    ],
)
async def test_services_without_anybody_behind(api, hooks, node, change, words):
    await api.validating("v", hook("v", by_service(hooks, **change)))
    answer = await api.post(CM, configmap("c"))
    assert (answer.status, node.dialled) == (500, [])
    assert words in answer.message


async def test_the_certificate_is_that_of_the_service(api, hooks, node):
    copy = {"metadata": {"name": "others"}, "spec": {"ports": [{"name": "web", "port": 443}]}}
    await api.create("/api/v1/namespaces/ns/services", copy)
    found = (await api.get("/api/v1/namespaces/ns/endpoints/hooks")).body
    await api.create("/api/v1/namespaces/ns/endpoints", {"metadata": {"name": "others"}, "subsets": found["subsets"]})
    await api.validating("v", hook("v", by_service(hooks, name="others")))
    answer = await api.post(CM, configmap("c"))
    assert answer.status == 500
    assert "tls: failed to verify certificate" in answer.message
    await until(lambda: not node.open)


@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
@pytest.mark.parametrize(
    ("behaviour", "words"), [(Hang, "context deadline exceeded"), (Reset, "EOF")], ids=["hangs", "dies"]
)
async def test_pods_that_misbehave(api, hooks, node, behaviour, words, policy):
    hooks.answers["/check"] = behaviour
    await api.validating("v", hook("v", by_service(hooks), failurePolicy=policy, timeoutSeconds=1))
    answer = await api.post(CM, configmap("c"))
    assert answer.status == (201 if policy == "Ignore" else 500)
    assert policy == "Ignore" or words in answer.message
    await until(lambda: not node.open)


async def test_a_node_that_does_not_answer(api, hooks, node):
    node.broken = True
    await api.validating("v", hook("v", by_service(hooks)))
    answer = await api.post(CM, configmap("c"))
    assert answer.status == 500
    assert answer.message.endswith("node n does not answer")


async def test_a_port_that_nobody_listens_on(api, hooks, node):
    node.refuses = True
    await api.validating("v", hook("v", by_service(hooks)))
    answer = await api.post(CM, configmap("c"))
    assert answer.status == 500
    assert answer.message.endswith("error trying to reach service: connection refused")
    await until(lambda: not node.open)


async def test_slices_count_before_endpoints(api, hooks, node):
    slices = "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices"
    body = {
        "metadata": {"name": "hooks-x", "labels": {"kubernetes.io/service-name": "hooks"}},
        "addressType": "IPv4",
        "ports": [{"name": "web", "port": 9443}],
        "endpoints": [
            {
                "addresses": ["10.1.2.4"],
                "conditions": {"ready": False},
                "targetRef": {"kind": "Pod", "name": "not-ready"},
            },
            {"addresses": ["10.1.2.3"], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": "p"}},
        ],
    }
    await api.create(slices, body)
    await api.validating("v", hook("v", by_service(hooks)))
    await api.create(CM, configmap("c"))
    assert node.dialled == [("p", 9443)]
