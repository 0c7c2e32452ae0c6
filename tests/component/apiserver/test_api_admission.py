"""What the server adds to pods and Services on their way in, and what it makes at start."""

import asyncio

import pytest
from api_client import PODS, Api, pod, running

from podwright.store.memory import MemoryStore

SERVICES = "/api/v1/namespaces/ns/services"


def service(name, **spec):
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}, **spec}}


async def test_a_pod_gets_account_token_tolerations_and_priority(api):
    spec = (await api.create(PODS, pod("p", priorityClassName="system-cluster-critical")))["spec"]
    assert spec["serviceAccountName"] == "default"
    assert spec["volumes"][0]["name"].startswith("kube-api-access-")
    assert spec["containers"][0]["volumeMounts"][0]["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
    assert {t["key"] for t in spec["tolerations"]} == {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}
    assert (spec["priority"], spec["preemptionPolicy"]) == (2000000000, "PreemptLowerPriority")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"serviceAccountName": "no"}, 'error looking up service account ns/no: serviceaccount "no" not found'),
        ({"priorityClassName": "no"}, "no PriorityClass with name no was found"),
        ({"priority": 5}, "the integer value of priority (5) must not be provided"),
    ],
    ids=str,
)
async def test_pods_that_are_refused(api, spec, words):
    answer = await api.post(PODS, pod("p", **spec))
    assert answer.status == 403
    assert words in answer.message


async def test_addresses_are_unique_and_given_back(api):
    first = await api.create(SERVICES, service("a", clusterIP="10.96.0.50"))
    assert first["spec"]["clusterIPs"] == ["10.96.0.50"]
    taken = await api.post(SERVICES, service("b", clusterIP="10.96.0.50"))
    assert taken.status == 422
    assert "failed to allocate IP 10.96.0.50: provided IP is already allocated" in taken.message
    assert (await api.delete(f"{SERVICES}/a")).status == 200
    assert (await api.post(SERVICES, service("b", clusterIP="10.96.0.50"))).status == 201


async def test_many_services_at_once_never_share_an_address():
    async with running(service_cidr="10.96.0.0/26") as server:
        api = Api(server)
        path = "/api/v1/namespaces/default/services"
        answers = await asyncio.gather(*(api.post(path, service(f"s{i}")) for i in range(40)))
        made = [a.body["spec"]["clusterIP"] for a in answers if a.status == 201]
        assert len(made) > 20
        assert len(set(made)) == len(made)
        assert {a.status for a in answers} <= {201, 500}


async def test_two_servers_never_give_the_same_address():
    store = MemoryStore()
    async with running(store, service_cidr="10.96.0.0/25") as one, running(store, service_cidr="10.96.0.0/25") as two:
        path = "/api/v1/namespaces/default/services"
        apis = (Api(one), Api(two))
        answers = await asyncio.gather(*(apis[i % 2].post(path, service(f"s{i}")) for i in range(40)))
        made = [a.body["spec"]["clusterIP"] for a in answers if a.status == 201]
        assert len(set(made)) == len(made) == 40
    await store.close()


async def test_node_ports(api):
    spec = (await api.create(SERVICES, service("a", type="NodePort")))["spec"]
    port = spec["ports"][0]["nodePort"]
    assert 30000 <= port <= 32767
    taken = await api.post(SERVICES, service("b", type="NodePort", ports=[{"port": 80, "nodePort": port}]))
    assert taken.status == 422
    assert f"spec.ports[0].nodePort: Invalid value: {port}: provided port is already allocated" in taken.message
    outside = await api.post(SERVICES, service("b", type="NodePort", ports=[{"port": 80, "nodePort": 80}]))
    assert "The range of valid ports is 30000-32767" in outside.message
    changed = await api.patch(f"{SERVICES}/a", {"spec": {"type": "ClusterIP"}}, "strategic")
    assert changed.status == 200, changed
    assert "nodePort" not in changed.body["spec"]["ports"][0]
    again = await api.post(SERVICES, service("b", type="NodePort", ports=[{"port": 80, "nodePort": port}]))
    assert again.status == 201


async def test_a_service_keeps_its_address_when_changed(api):
    old = await api.create(SERVICES, service("a"))
    put = await api.put(f"{SERVICES}/a", service("a", selector={"c": "d"}))
    assert put.status == 200, put
    assert put.body["spec"]["clusterIP"] == old["spec"]["clusterIP"]
    moved = await api.patch(f"{SERVICES}/a", {"spec": {"clusterIP": "10.96.0.99", "clusterIPs": ["10.96.0.99"]}})
    assert moved.status == 422


async def test_dry_run_takes_nothing(api):
    assert (await api.post(SERVICES, service("a", clusterIP="10.96.0.50"), dryRun="All")).status == 201
    assert (await api.post(SERVICES, service("b", clusterIP="10.96.0.50"))).status == 201


async def test_what_every_cluster_has(api):
    namespaces = {i["metadata"]["name"] for i in (await api.get("/api/v1/namespaces")).body["items"]}
    assert namespaces >= {"default", "kube-system", "kube-public", "kube-node-lease"}
    spec = (await api.get("/api/v1/namespaces/default/services/kubernetes")).body["spec"]
    assert (spec["clusterIP"], spec["ports"][0]["port"], spec["ports"][0]["targetPort"]) == ("10.96.0.1", 443, 6443)
    classes = (await api.get("/apis/scheduling.k8s.io/v1/priorityclasses")).body["items"]
    assert {c["metadata"]["name"]: c["value"] for c in classes} == {
        "system-cluster-critical": 2000000000, "system-node-critical": 2000001000,
    }  # fmt: skip


async def test_a_restart_keeps_what_is_there_and_brings_the_address_up_to_date():
    store = MemoryStore()
    async with running(store, advertise_address="192.0.2.1") as server:
        api = Api(server)
        before = (await api.get("/api/v1/namespaces/default/services/kubernetes")).body
        await api.patch("/api/v1/namespaces/default", {"metadata": {"labels": {"mine": "yes"}}})
    async with running(store, advertise_address="192.0.2.2") as server:
        api = Api(server)
        assert (await api.get("/api/v1/namespaces/default/services/kubernetes")).body == before
        assert (await api.get("/api/v1/namespaces/default")).body["metadata"]["labels"]["mine"] == "yes"
        path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"
        assert (await api.get(path)).body["endpoints"][0]["addresses"] == ["192.0.2.2"]
        subsets = (await api.get("/api/v1/namespaces/default/endpoints/kubernetes")).body["subsets"]
        assert subsets[0]["addresses"] == [{"ip": "192.0.2.2"}]
        authentication = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
        assert (await api.get(authentication)).status == 404
        await server.bootstrap(6443, "PEM")
        assert (await api.get(authentication)).body["data"] == {"client-ca-file": "PEM"}
    await store.close()


async def test_old_events_are_removed(api):
    housekeeping = api.server._housekeeping
    path = "/api/v1/namespaces/ns/events"
    for name in ("old", "touched"):
        body = {"metadata": {"name": name}, "involvedObject": {"kind": "Pod", "namespace": "ns"}, "count": 1}
        await api.create(path, body)
    assert await housekeeping.expire_events(0.0) == 0
    await api.patch(f"{path}/touched", {"count": 2})
    assert await housekeeping.expire_events(3599.0) == 0
    assert await housekeeping.expire_events(3600.0) == 1
    assert [i["metadata"]["name"] for i in (await api.get(path)).body["items"]] == ["touched"]
    assert await housekeeping.expire_events(7199.0) == 1
