"""Services, their addresses and endpoints, and where the API server itself is found."""

from __future__ import annotations

from typing import Any

from api_client import Api, running
from steps import NS, expect, gone, good, names, seen

JSON = dict[str, Any]
SERVICES = f"{NS}/services"
ENDPOINTS = f"{NS}/endpoints"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices"
NETWORKING = "/apis/networking.k8s.io/v1"


def custom(*addresses: str) -> JSON:
    subset = {"addresses": [{"ip": ip} for ip in addresses], "ports": [{"port": 80}]}
    return {"metadata": {"name": "web", "labels": {"walk": "on"}}, "subsets": [subset]}


async def test_the_api_server_is_a_service_with_endpoints() -> None:
    async with running(advertise_address="192.0.2.1") as server:
        await found(Api(server))


async def found(api: Api) -> None:
    service = good(await api.get("/api/v1/namespaces/default/services/kubernetes"))
    assert [(port["name"], port["port"]) for port in service["spec"]["ports"]] == [("https", 443)]
    listed = good(await api.get("/api/v1/services"))["items"]
    assert ("default", "kubernetes") in [(i["metadata"]["namespace"], i["metadata"]["name"]) for i in listed]
    older = good(await api.get("/api/v1/namespaces/default/endpoints/kubernetes"))
    [subset] = older["subsets"]
    slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    [piece] = good(await api.get(slices, labelSelector="kubernetes.io/service-name=kubernetes"))["items"]
    assert [endpoint["addresses"] for endpoint in piece["endpoints"]] == [["192.0.2.1"]]
    assert [address["ip"] for address in subset["addresses"]] == ["192.0.2.1"]
    assert [port["port"] for port in piece["ports"]] == [port["port"] for port in subset["ports"]]


async def test_the_status_of_a_service_lives(api: Api) -> None:
    watch = await api.watch(SERVICES, labelSelector="walk")
    spec = {"type": "LoadBalancer", "ports": [{"name": "http", "port": 80, "targetPort": 80}]}
    await api.create(SERVICES, {"metadata": {"name": "s", "labels": {"walk": "on"}}, "spec": spec})
    await expect(watch, "ADDED")
    assert good(await api.get(f"{SERVICES}/s/status"))["status"] == {"loadBalancer": {}}
    given = {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}
    note = {"metadata": {"annotations": {"patched": "true"}}, "status": given}
    patched = good(await api.patch(f"{SERVICES}/s/status", note))
    assert [entry["ip"] for entry in patched["status"]["loadBalancer"]["ingress"]] == ["203.0.113.1"]
    await expect(watch, "MODIFIED", patched="true")
    condition = {"type": "Updated", "status": "True", "reason": "R", "message": "m"}
    patched["status"]["conditions"] = [{**condition, "lastTransitionTime": "2026-01-02T03:04:05Z"}]
    updated = good(await api.put(f"{SERVICES}/s/status", patched))
    assert updated["status"]["conditions"] == patched["status"]["conditions"]
    await expect(watch, "MODIFIED")
    good(await api.patch(f"{SERVICES}/s", {"metadata": {"labels": {"walk": "patched"}}}, "strategic"))
    assert (await expect(watch, "MODIFIED"))["status"] == updated["status"]
    good(await api.delete(f"{SERVICES}/s"))
    await expect(watch, "DELETED")


async def test_endpoints_live(api: Api) -> None:
    watch = await api.watch("/api/v1/endpoints", labelSelector="walk=on")
    made = await api.create(ENDPOINTS, custom("10.0.0.24"))
    assert made["subsets"][0]["ports"] == [{"port": 80, "protocol": "TCP"}]
    await expect(watch, "ADDED")
    good(await api.put(f"{ENDPOINTS}/web", custom("10.0.0.25")))
    await expect(watch, "MODIFIED")
    patch = {"subsets": [{"addresses": [{"ip": "10.0.0.26"}], "ports": [{"port": 8080}]}]}
    good(await api.patch(f"{ENDPOINTS}/web", patch, "strategic"))
    assert (await expect(watch, "MODIFIED"))["subsets"][0]["addresses"] == [{"ip": "10.0.0.26"}]
    good(await api.delete(ENDPOINTS, labelSelector="walk=on"))
    await expect(watch, "DELETED")


async def test_addresses_of_both_families_are_objects(api: Api) -> None:
    path = f"{NETWORKING}/ipaddresses"
    parent = {"parentRef": {"group": "example.com", "resource": "things", "namespace": "foo", "name": "bar"}}
    for name, kind in (("255.255.255.255", "broadcast"), ("fe80::42:1dff:fe84:f9e2", "link-local")):
        await api.create(path, {"metadata": {"name": name, "labels": {"type": kind}}, "spec": parent})
    good(await api.patch(f"{path}/255.255.255.255", {"metadata": {"annotations": {"patched": "true"}}}))
    assert names(good(await api.get(path, labelSelector="type=broadcast"))) == ["255.255.255.255"]
    good(await api.delete(f"{path}/255.255.255.255"))
    good(await api.delete(path, labelSelector="type=link-local"))
    assert names(good(await api.get(path, labelSelector="type"))) == []


async def test_the_range_of_services_is_an_object(api: Api) -> None:
    path = f"{NETWORKING}/servicecidrs"
    found = good(await api.get(f"{path}/kubernetes"))
    assert good(await api.get(f"{path}/kubernetes/status"))["metadata"]["uid"] == found["metadata"]["uid"]
    watch = await api.watch(path)
    assert await watch.names(1) == [("ADDED", "kubernetes")]


async def test_a_service_that_reaches_nobody_says_so(whole: Api) -> None:
    chosen = {"labelSelector": "kubernetes.io/service-name=web"}
    spec = {"selector": {"app": "nobody"}, "ports": [{"port": 80}]}
    await whole.create(SERVICES, {"metadata": {"name": "web"}, "spec": spec})
    found = await seen(whole, f"{ENDPOINTS}/web", lambda _: True)
    assert not found.get("subsets")
    slices = await seen(whole, SLICES, lambda body: body["items"], **chosen)
    assert [piece["endpoints"] or [] for piece in slices["items"]] == [[]]
    good(await whole.delete(f"{SERVICES}/web"))
    await gone(whole, f"{ENDPOINTS}/web")
    await seen(whole, SLICES, lambda body: not body["items"], **chosen)


async def test_endpoints_written_by_hand_are_repeated_as_slices(whole: Api) -> None:
    chosen = {"labelSelector": "kubernetes.io/service-name=web"}
    await whole.create(SERVICES, {"metadata": {"name": "web"}, "spec": {"ports": [{"name": "x", "port": 80}]}})
    await whole.create(ENDPOINTS, custom("10.1.2.3"))

    def shows(*addresses: str) -> Any:
        return lambda body: [e["addresses"] for s in body["items"] for e in s["endpoints"]] == [[a] for a in addresses]

    [piece] = (await seen(whole, SLICES, shows("10.1.2.3"), **chosen))["items"]
    assert [(port["port"], port["protocol"]) for port in piece["ports"]] == [(80, "TCP")]
    assert piece["endpoints"][0]["conditions"] == {"ready": True}
    good(await whole.put(f"{ENDPOINTS}/web", custom("10.2.3.4")))
    [again] = (await seen(whole, SLICES, shows("10.2.3.4"), **chosen))["items"]
    assert again["metadata"]["uid"] == piece["metadata"]["uid"]
    good(await whole.delete(f"{ENDPOINTS}/web"))
    await seen(whole, SLICES, lambda body: not body["items"], **chosen)
