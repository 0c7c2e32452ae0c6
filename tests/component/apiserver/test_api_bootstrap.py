"""What every server brings with it: the versions it serves, the range of its services, what extensions trust."""

from api_client import Api

from podwright.api.resources import RESOURCES

SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"


async def test_each_version_that_is_served_has_an_api_service(api: Api) -> None:
    await api.server.bootstrap(6443, "CA")
    found = {item["metadata"]["name"]: item for item in (await api.get(SERVICES)).body["items"]}
    wanted = {f"{row.version}.{row.group}" for row in RESOURCES if row.group != "apiregistration.k8s.io"}
    assert found.keys() == wanted
    core = found["v1."]
    assert core["spec"] == {"version": "v1", "groupPriorityMinimum": 18000, "versionPriority": 1}
    assert [c["status"] for c in core["status"]["conditions"]] == ["True"]
    await api.server.bootstrap(6443, "CA")
    assert (await api.get(f"{SERVICES}/v1.")).body == {
        "kind": "APIService",
        "apiVersion": "apiregistration.k8s.io/v1",
        **core,
    }


async def test_the_range_of_services_is_ready(api: Api) -> None:
    await api.server.bootstrap(6443, "CA")
    found = (await api.get("/apis/networking.k8s.io/v1/servicecidrs/kubernetes")).body
    assert found["spec"] == {"cidrs": [api.server.config.service_cidr]}
    assert found["metadata"]["finalizers"] == ["networking.k8s.io/service-cidr-finalizer"]
    [ready] = found["status"]["conditions"]
    assert (ready["type"], ready["status"], ready["lastTransitionTime"]) == (
        "Ready", "True", found["metadata"]["creationTimestamp"],
    )  # fmt: skip


async def test_extensions_find_whom_to_trust(api: Api) -> None:
    await api.server.bootstrap(6443, "CA")
    path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
    assert (await api.get(path)).body["data"] == {"client-ca-file": "CA"}


async def test_the_addresses_of_services_are_shown(api: Api) -> None:
    path = "/apis/networking.k8s.io/v1/ipaddresses"
    before = (await api.get(path)).body
    assert [item["metadata"]["name"] for item in before["items"]] == ["10.96.0.1"]
    watch = await api.watch(path, resourceVersion=before["metadata"]["resourceVersion"])
    service = await api.create(
        "/api/v1/namespaces/ns/services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}
    )
    address = service["spec"]["clusterIP"]
    shown = (await api.get(f"{path}/{address}")).body
    assert shown["spec"] == {"parentRef": {"resource": "services", "namespace": "ns", "name": "web"}}
    assert shown["metadata"]["labels"]["ipaddress.kubernetes.io/ip-family"] == "IPv4"
    await api.delete("/api/v1/namespaces/ns/services/web")
    assert (await api.get(f"{path}/{address}")).status == 404
    assert await watch.names(2) == [("ADDED", address), ("DELETED", address)]
    headless = {"metadata": {"name": "h"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}
    await api.create("/api/v1/namespaces/ns/services", headless)
    assert (await api.get(path)).body["items"] == before["items"]
