"""APIServices of what is served here: those of defined kinds come and go, and all of them are available."""

import asyncio

from widgets import DEFINITIONS, definition, version

API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
MANAGED = "kube-aggregator.kubernetes.io/automanaged"


async def until(api, path, good, seconds=10.0):
    """Wait until an answer is as wanted."""
    async with asyncio.timeout(seconds):
        while not good(answer := await api.get(path)):  # noqa: ASYNC110 - as clients do
            await asyncio.sleep(0.02)
    return answer


def is_local(answer):
    conditions = (answer.body.get("status") or {}).get("conditions") or [{}]
    return (conditions[0].get("status"), conditions[0].get("reason")) == ("True", "Local")


async def test_versions_of_a_definition_have_theirs(api):
    two = version("v2", storage=False), version("v1")
    await api.create(DEFINITIONS, definition("widgets", "Widget", *two))
    for name in ("v1", "v2"):
        found = await until(api, f"{API_SERVICES}/{name}.example.com", lambda a: a.status == 200)
        assert found.body["metadata"]["labels"] == {MANAGED: "true"}
        assert found.body["spec"] == {
            "group": "example.com",
            "version": name,
            "groupPriorityMinimum": 1000,
            "versionPriority": 100,
        }
        assert is_local(found)
    unserved = [version("v2", storage=False, served=False), version("v1")]
    await api.patch(f"{DEFINITIONS}/widgets.example.com", {"spec": {"versions": unserved}})
    await until(api, f"{API_SERVICES}/v2.example.com", lambda a: a.status == 404)
    await api.delete(f"{API_SERVICES}/v1.example.com")
    await until(api, f"{API_SERVICES}/v1.example.com", lambda a: a.status == 200)
    await api.delete(f"{DEFINITIONS}/widgets.example.com")
    await until(api, f"{API_SERVICES}/v1.example.com", lambda a: a.status == 404)


async def test_what_somebody_wrote_himself_is_left(api):
    spec = {"group": "example.com", "version": "v1", "groupPriorityMinimum": 5, "versionPriority": 5}
    await api.create(API_SERVICES, {"metadata": {"name": "v1.example.com"}, "spec": spec})
    await api.create(DEFINITIONS, definition())
    await api.create(DEFINITIONS, definition("gadgets", "Gadget", version("v9")))
    await until(api, f"{API_SERVICES}/v9.example.com", lambda a: a.status == 200)
    assert (await api.get(f"{API_SERVICES}/v1.example.com")).body["spec"] == spec
    for plural in ("widgets", "gadgets"):
        await api.delete(f"{DEFINITIONS}/{plural}.example.com")
    await until(api, f"{API_SERVICES}/v9.example.com", lambda a: a.status == 404)
    assert (await api.get(f"{API_SERVICES}/v1.example.com")).status == 200


async def test_what_is_served_here_again_is_available(api):
    spec = {"group": "a.example", "version": "v1", "groupPriorityMinimum": 5, "versionPriority": 5}
    service = {"service": {"namespace": "ns", "name": "none"}}
    await api.create(API_SERVICES, {"metadata": {"name": "v1.a.example"}, "spec": {**spec, **service}})
    path = f"{API_SERVICES}/v1.a.example"
    await until(api, path, lambda a: "ServiceNotFound" in a.raw.decode())
    await api.patch(path, {"spec": {"service": None}})
    found = await until(api, path, is_local)
    assert found.body["status"]["conditions"][0]["message"] == "Local APIServices are always available"
