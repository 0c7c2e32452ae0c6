"""Groups that another API server serves: who it is told asks, what comes back, and when it is not there."""

import asyncio
import base64
import json
import os
import subprocess

import aiohttp
import pytest
from api_client import PODS, Api, Watch, pod, until
from extension_server import BASE, FLUNDERS, GROUP, NAME, SERVICE, VERSION, extension
from tls_files import kubectl

from podwright.api.errors import service_unavailable
from podwright.apiserver.user import User
from podwright.client.client import Client
from podwright.client.clock import SystemClock
from podwright.controllers import manager
from podwright.controllers.config import ControllersConfig
from podwright.deploy.pki import Authority

SERVICES = "/api/v1/namespaces/ns/services"
API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@pytest.fixture
async def other(https, tmp_path):
    """An extension server, with a service that leads to it."""
    for path, body in (("/api/v1/namespaces", {"metadata": {"name": "ns"}}), (SERVICES, SERVICE)):
        await https.api.create(path, body)
    async with extension(tmp_path / "extension", https.pki.server.proxy_ca) as made:
        yield made


async def condition(api: Api):
    body = (await api.get(f"{API_SERVICES}/{NAME}")).body
    return next(iter((body.get("status") or {}).get("conditions") or ()), {})


async def until_told(api: Api, reason: str, seconds: float = 15.0):
    """Wait for the Available condition to say something."""
    async with asyncio.timeout(seconds):
        while (found := await condition(api)).get("reason") != reason:  # noqa: ASYNC110 - as clients do
            await asyncio.sleep(0.02)
    return found


@pytest.fixture
async def served(https, other):
    """The same, and an APIService that is available."""
    await https.api.create(API_SERVICES, other.api_service())
    await until_told(https.api, "Passed")
    return other


def flunder(name):
    return {"metadata": {"name": name}, "spec": {"reference": "x"}}


async def test_requests_reach_it_in_the_name_of_their_users(https, served):
    jane = https.api.as_user(User("jane", "7", ("devs", "podwright:node-gateway"), {"example.com/Team a": ("x", "y")}))
    assert (await jane.post(FLUNDERS, flunder("f"), pretty="1 2")).status == 201
    answer = await https.api.get(FLUNDERS)
    assert [item["metadata"]["name"] for item in answer.body["items"]] == ["f"]
    assert answer.headers["warning"] == '299 - "flunders are odd"'
    created, listed = served.user_requests()
    assert created["certificate"] == "front-proxy-client"
    assert (created["user"], created["groups"], created["url"]) == ("jane", ["devs"], f"{FLUNDERS}?pretty=1+2")
    assert created["headers"]["x-remote-uid"] == "7"
    assert created["extra"] == {"x-remote-extra-example.com%2fteam%20a": ["x", "y"]}
    assert (listed["user"], listed["groups"]) == ("admin", ["system:masters", "system:authenticated"])
    first = served.asked[0]
    assert (first["url"], first["user"], first["groups"][0]) == (BASE, "system:kube-aggregator", "system:masters")


async def test_nobody_says_himself_who_he_is(https, served):
    forged = {"X-Remote-User": "root", "X-Remote-Group": "system:masters", "X-Remote-Extra-A": "b", "X-Kept": "yes"}
    async with https.session(**forged) as session:
        async with session.get(FLUNDERS, headers={"Connection": "keep-alive, X-Hop", "X-Hop": "1"}) as answer:
            assert answer.status == 200
        async with session.get(
            FLUNDERS, headers={"Impersonate-User": "jane", "Impersonate-Group": "system:masters"}
        ) as answer:
            assert answer.status == 200
    one, two = served.user_requests()
    assert (one["user"], one["groups"], one["extra"]) == ("admin", ["system:masters", "system:authenticated"], {})
    assert one["headers"]["x-kept"] == "yes"
    assert not one["headers"].keys() & {"authorization", "x-hop", "impersonate-user"}
    assert (two["user"], two["groups"]) == ("jane", ["system:masters", "system:authenticated"])


async def test_who_may_not_ask_is_refused_here(https, served):
    async with https.session(token="plain") as session, session.get(FLUNDERS) as answer:
        assert answer.status == 403
        assert 'cannot list resource "flunders" in API group "wardle.example.com"' in (await answer.json())["message"]
    assert served.user_requests() == []


async def test_its_answers_are_passed_on_as_they_are(https, served):
    missing = await https.api.get(f"{FLUNDERS}/none")
    assert (missing.status, missing.message) == (404, "no such flunder")
    assert (await https.api.delete(f"{FLUNDERS}/none")).body["status"] == "Success"
    below = await https.api.get(BASE)
    assert below.body["groupVersion"] == f"{GROUP}/{VERSION}"


async def test_watches_are_streams(https, served):
    async with https.session() as session, session.get(FLUNDERS, params={"watch": "1"}) as answer:
        watch = Watch(_Chunks(answer))
        for name in ("a", "b"):
            await https.api.post(FLUNDERS, flunder(name))
            kind, found = await watch.next()
            assert (kind, found["metadata"]["name"]) == ("ADDED", name)
    async with served.news:
        served.items["late"] = flunder("late")
        served.news.notify_all()

    async with asyncio.timeout(10):
        while served.watches:  # it learns of the end when it writes
            async with served.news:
                served.items[f"x{len(served.items)}"] = flunder("x")
                served.news.notify_all()
            await asyncio.sleep(0.02)


class _Chunks:
    def __init__(self, answer):
        self._answer = answer

    def __aiter__(self):
        return self._answer.content.iter_any()


async def test_upgraded_connections_carry_bytes_both_ways(https, served):
    async with https.session() as session:
        async with session.ws_connect(f"{FLUNDERS}/f/talk") as talk:
            for word in ("hello", "x" * 200_000):
                await talk.send_str(word)
                assert (await talk.receive_str(timeout=5)) == f"you said {word}"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{FLUNDERS}/deaf/talk")
        assert refused.value.status == 403
        async with session.get(f"{FLUNDERS}/f/talk") as answer:
            assert await answer.text() == "no upgrade"
    assert served.user_requests()[0]["user"] == "admin"


@pytest.mark.parametrize("ends", ["client", "server", "other"])
async def test_an_upgraded_connection_ends_with_any_of_the_three(https, served, ends):
    async with https.session() as session:
        talk = await session.ws_connect(f"{FLUNDERS}/f/talk")
        await talk.send_str("a")
        assert await talk.receive_str(timeout=5) == "you said a"
        if ends == "client":
            talk._response.connection.transport.abort()
        elif ends == "server":
            await https.http.stop()
        else:
            await served.stop()
        if ends != "client":
            assert (await talk.receive(timeout=5)).type in {
                aiohttp.WSMsgType.CLOSED,
                aiohttp.WSMsgType.CLOSE,
                aiohttp.WSMsgType.ERROR,
            }
        await until(lambda: not https.http._passages._tasks)
        await talk.close()


async def test_it_is_part_of_discovery(https, served):
    groups = (await https.api.get("/apis")).body["groups"]
    assert [g["name"] for g in groups if g["name"] == GROUP] == [GROUP]
    group = (await https.api.get(f"/apis/{GROUP}")).body
    assert group["preferredVersion"] == {"groupVersion": f"{GROUP}/{VERSION}", "version": VERSION}
    whole = (await https.api.send("GET", "/apis", headers={"accept": AGGREGATED})).body
    (found,) = [item for item in whole["items"] if item["metadata"]["name"] == GROUP]
    assert found["versions"] == [
        {
            "version": VERSION,
            "freshness": "Current",
            "resources": [
                {
                    "resource": "flunders",
                    "responseKind": {"group": "", "version": "", "kind": "Flunder"},
                    "scope": "Namespaced",
                    "singularResource": "flunder",
                    "verbs": ["create", "delete", "deletecollection", "get", "list", "watch"],
                    "shortNames": ["fl"],
                    "subresources": [
                        {
                            "subresource": "status",
                            "responseKind": {"group": "", "version": "", "kind": "Flunder"},
                            "verbs": ["get"],
                        }
                    ],
                }
            ],
        }
    ]
    assert f"/apis/{GROUP}/{VERSION}" in (await https.api.get("/")).body["paths"]


async def test_without_an_answer_it_is_unavailable(https, served):
    await served.stop()
    await https.api.patch(f"{API_SERVICES}/{NAME}", {"spec": {"versionPriority": 201}})  # to be looked at now
    told = await until_told(https.api, "FailedDiscoveryCheck")
    assert told["status"] == "False"
    assert told["message"].startswith(f"failing or missing response from https://ext.ns.svc:{served.port}{BASE}: ")
    async with https.session() as session, session.get(FLUNDERS) as answer:
        assert (answer.status, await answer.text()) == (503, "service unavailable\n")
        assert answer.content_type == "text/plain"
    assert (await https.api.get(f"/apis/{GROUP}")).status == 200
    whole = (await https.api.send("GET", "/apis", headers={"accept": AGGREGATED})).body
    (found,) = [item for item in whole["items"] if item["metadata"]["name"] == GROUP]
    assert found["versions"][0]["freshness"] == "Stale"
    await served.start()
    assert (await until_told(https.api, "Passed"))["status"] == "True"
    assert (await https.api.get(FLUNDERS)).status == 200


async def test_what_keeps_it_from_being_available(https, other):
    stranger = Authority(other.folder / "stranger", other.authority._now).ca
    await https.api.create(API_SERVICES, other.api_service(caBundle=base64.b64encode(stranger).decode()))
    told = await until_told(https.api, "FailedDiscoveryCheck")
    assert "tls: failed to verify certificate" in told["message"]
    blind = {"spec": {"caBundle": None, "insecureSkipTLSVerify": True}}
    await https.api.patch(f"{API_SERVICES}/{NAME}", blind)
    assert (await until_told(https.api, "Passed"))["message"] == "all checks passed"
    other.failing = 500
    await https.api.patch(f"{API_SERVICES}/{NAME}", {"spec": {"versionPriority": 9}})
    told = await until_told(https.api, "FailedDiscoveryCheck")
    assert told["message"].endswith(": 500")
    await https.api.delete(f"{SERVICES}/ext")
    told = await until_told(https.api, "ServiceNotFound")
    assert told["message"] == 'service/ext in "ns" is not present'
    ports = {"spec": {"ports": [{"name": "s", "port": 9443}]}}
    await https.api.create(SERVICES, {"metadata": {"name": "ext"}, **ports})
    told = await until_told(https.api, "ServicePortError")
    assert told["message"] == f'service/ext in "ns" is not listening on port {other.port}'
    service = {"namespace": "ns", "name": "ext", "port": 9443}
    await https.api.patch(f"{API_SERVICES}/{NAME}", {"spec": {"service": service}})
    told = await until_told(https.api, "EndpointsNotFound")
    assert told["message"] == 'cannot find endpointslices for service/ext in "ns"'
    await https.api.create("/api/v1/namespaces/ns/endpoints", {"metadata": {"name": "ext"}})
    told = await until_told(https.api, "MissingEndpoints")
    assert told["message"] == 'endpointslices for service/ext in "ns" have no addresses with port name "s"'


async def test_what_goes_is_not_served_any_more(https, served):
    assert (await https.api.delete(f"{API_SERVICES}/{NAME}")).status == 200
    await until(lambda: not https.server.delegates.known)
    assert (await https.api.get(FLUNDERS)).status == 404
    assert (await https.api.get(f"/apis/{GROUP}")).status == 404


class _Nodes:
    """The way to pods on nodes: here all of them listen on this machine."""

    def __init__(self):
        self.asked = []

    async def dial(self, pod, port):
        self.asked.append((pod["metadata"]["name"], port))
        if pod["metadata"]["name"] == "dead":
            raise service_unavailable("the node is away")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return _Raw(reader, writer)


class _Raw:
    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    async def send(self, data):
        self._writer.write(data)
        await self._writer.drain()

    async def __aiter__(self):
        while piece := await self._reader.read(4096):
            yield piece

    async def close(self):
        self._writer.close()


async def test_pods_are_reached_through_their_nodes(https, other):
    api, nodes = https.api, _Nodes()
    https.server.node_streams = nodes
    await api.create("/api/v1/namespaces/ns/serviceaccounts", {"metadata": {"name": "default"}})
    for name in ("p", "dead"):
        await api.create(PODS, pod(name, nodeName="n1"))
    ports = [{"name": "https", "port": 443, "targetPort": other.port}]
    await api.delete(f"{SERVICES}/ext")
    await api.create(SERVICES, {"metadata": {"name": "ext"}, "spec": {"ports": ports}})
    names = {"10.2.0.3": "p", "10.2.0.4": "dead"}
    addresses = [{"ip": ip, "targetRef": {"kind": "Pod", "name": name}} for ip, name in names.items()]
    subset = {"addresses": addresses, "ports": [{"name": "https", "port": other.port}]}
    await api.create("/api/v1/namespaces/ns/endpoints", {"metadata": {"name": "ext"}, "subsets": [subset]})
    await api.create(API_SERVICES, other.api_service(service={"namespace": "ns", "name": "ext"}))
    await until_told(api, "Passed")
    for _ in range(20):  # one of both is tried first, by chance; writes take no line that was used
        assert (await api.post(FLUNDERS, flunder("f"))).status == 201
    assert set(nodes.asked) == {("p", other.port), ("dead", other.port)}
    assert other.user_requests()[0]["headers"]["host"] == "ext.ns.svc:443"


async def test_its_schemas_are_part_of_ours(https, served):
    index = (await https.api.get("/openapi/v3")).body["paths"]
    assert index[BASE.strip("/")] == {"serverRelativeURL": f"/openapi/v3{BASE}?hash=ABC"}
    assert "version" in index
    assert index["version"]["serverRelativeURL"].startswith("/openapi/v3/version?hash=")
    third = (await https.api.get(f"/openapi/v3{BASE}", hash="ABC")).body
    assert list(third["components"]["schemas"]) == ["com.example.Flunder"]
    second = await https.api.get("/openapi/v2")
    assert second.body["definitions"]["com.example.Flunder"]["type"] == "object"
    assert "io.k8s.api.core.v1.Pod" in second.body["definitions"]
    assert FLUNDERS.replace("ns/fl", "{namespace}/fl") in second.body["paths"]
    assert second.body["paths"]["/version/"]["get"]["operationId"]
    again = await https.api.send("GET", "/openapi/v2", headers={"if-none-match": second.headers["etag"]})
    assert again.status == 304
    assert {r["user"] for r in served.asked if r["url"].startswith("/openapi")} == {"system:aggregator"}


async def test_its_objects_go_with_their_namespace(https, served):
    await https.api.create("/api/v1/namespaces", {"metadata": {"name": "going"}})
    await https.api.create(FLUNDERS.replace("/ns/", "/going/"), flunder("f"))
    user = User("system:kube-controller-manager", groups=("podwright:component", "system:authenticated"))
    client = Client(https.server.transport(user), user_agent="controllers")
    task = asyncio.create_task(manager.run(client, SystemClock(), ControllersConfig(), wire=manager.of_the_api))
    try:
        await served.stop()
        await https.api.patch(f"{API_SERVICES}/{NAME}", {"spec": {"versionPriority": 201}})
        await until_told(https.api, "FailedDiscoveryCheck")
        assert (await https.api.delete("/api/v1/namespaces/going")).status == 200
        async with asyncio.timeout(20):
            while "DiscoveryFailed" not in (await https.api.get("/api/v1/namespaces/going")).raw.decode():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await served.start()
            while (await https.api.get("/api/v1/namespaces/going")).status != 404:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.wait((task,))
    assert served.items == {}
    deleted = [r for r in served.user_requests() if r["method"] == "DELETE"]
    assert deleted[0]["groups"] == ["system:authenticated", "system:masters"]


async def test_what_is_built_in_is_never_given_away(https, other):
    spec = other.api_service()["spec"] | {"group": "apps", "version": "v1"}
    answer = await https.api.patch(f"{API_SERVICES}/v1.apps", {"spec": spec})
    assert answer.status == 200
    await https.api.create(API_SERVICES, other.api_service())
    await until_told(https.api, "Passed")
    assert (await https.api.get("/apis/apps/v1/namespaces/ns/deployments")).body["kind"] == "DeploymentList"


async def test_other_servers_find_how_to_know_us(https):
    path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
    await https.server.bootstrap(https.port, "the clients' CA")
    data = (await https.api.get(path)).body["data"]
    assert data.pop("client-ca-file") == "the clients' CA"
    assert data.pop("requestheader-client-ca-file") == https.pki.server.proxy_ca.read_text()
    assert {key: json.loads(value) for key, value in data.items()} == {
        "requestheader-allowed-names": ["front-proxy-client"],
        "requestheader-username-headers": ["X-Remote-User"],
        "requestheader-uid-headers": ["X-Remote-Uid"],
        "requestheader-group-headers": ["X-Remote-Group"],
        "requestheader-extra-headers-prefix": ["X-Remote-Extra-"],
    }


async def test_other_servers_ask_us_who_may_what(https):
    """What a server behind an APIService does with its own account: read how to know us, and ask about its users."""
    account = {"kind": "ServiceAccount", "name": "wardle", "namespace": "ns"}
    roles = "/apis/rbac.authorization.k8s.io/v1"
    delegator = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:auth-delegator"}
    reader = {**delegator, "kind": "Role", "name": "extension-apiserver-authentication-reader"}
    own = https.api.as_user(User("system:serviceaccount:ns:wardle", groups=("system:authenticated",)))
    config_map = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
    await https.server.bootstrap(https.port, "the clients' CA")
    assert (await own.get(config_map)).status == 403
    binding = {"metadata": {"name": "wardle"}, "subjects": [account]}
    await https.api.create(f"{roles}/clusterrolebindings", binding | {"roleRef": delegator})
    await https.api.create(f"{roles}/namespaces/kube-system/rolebindings", binding | {"roleRef": reader})
    assert "requestheader-client-ca-file" in (await own.get(config_map)).body["data"]
    asked = {"group": GROUP, "resource": "flunders", "verb": "list", "namespace": "ns"}
    for user, groups, allowed in (("jane", ["devs"], False), ("root", ["system:masters"], True)):
        spec = {"user": user, "groups": groups, "resourceAttributes": asked}
        review = await own.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": spec})
        assert (review.status, review.body["status"]["allowed"]) == (201, allowed)
    review = await own.post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "plain"}})
    assert review.body["status"]["user"]["username"] == "jane"


async def test_kubectl_and_a_client_library_use_it(https, served):
    await https.api.post(FLUNDERS, flunder("f"))
    config = https.kubeconfig()
    code, out, err = await asyncio.to_thread(kubectl, config, "get", "fl", "-n", "ns", "-o", "name")
    assert (code, out) == (0, "flunder.wardle.example.com/f\n"), err
    code, theirs, err = await asyncio.to_thread(kubectl, config, "get", "fl", "-n", "ns")
    assert (code, theirs.split()[:3]) == (0, ["NAME", "AGE", "f"]), err
    environment = {**os.environ, "KUBECONFIG": str(config)}
    ours = await asyncio.to_thread(
        subprocess.run, ["pw", "get", "fl", "-n", "ns"], env=environment, capture_output=True, text=True, check=False
    )
    assert (ours.returncode, ours.stdout) == (0, theirs)

    def ask():
        from kubernetes import client
        from kubernetes import config as loading

        api = loading.new_client_from_config(str(config))
        try:
            objects = client.CustomObjectsApi(api)
            objects.create_namespaced_custom_object(
                GROUP, VERSION, "ns", "flunders", flunder("g") | {"apiVersion": f"{GROUP}/{VERSION}", "kind": "Flunder"}
            )
            found = objects.list_namespaced_custom_object(GROUP, VERSION, "ns", "flunders")
            return [item["metadata"]["name"] for item in found["items"]]
        finally:
            api.close()

    assert await asyncio.to_thread(ask) == ["f", "g"]
