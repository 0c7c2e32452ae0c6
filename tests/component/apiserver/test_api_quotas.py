"""Resource quotas through a whole server: what is refused, and that no race exceeds a limit or loses room."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from api_client import PODS, Api, pod, running, until
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.store.memory import MemoryStore
from podwright.store.protocol import Store

JSON = dict[str, Any]
QUOTAS = "/api/v1/namespaces/ns/resourcequotas"
SECRETS = "/api/v1/namespaces/ns/secrets"
SERVICES = "/api/v1/namespaces/ns/services"


async def quota(api: Api, name: str = "q", **hard: str) -> None:
    spec = {"hard": {key.replace("_", "/", 1): value for key, value in hard.items()}}
    await api.create(QUOTAS, {"metadata": {"name": name}, "spec": spec})


def secret(name: str) -> JSON:
    return {"metadata": {"name": name}}


async def used(api: Api, name: str = "q") -> JSON:
    return (await api.get(f"{QUOTAS}/{name}")).body["status"].get("used") or {}


async def settled(api: Api, expected: JSON, name: str = "q") -> None:
    async with asyncio.timeout(5):
        while await used(api, name) != expected:  # noqa: ASYNC110 - the server works on it
            await asyncio.sleep(0.01)


async def test_a_status_is_there_promptly_and_follows(api: Api) -> None:
    await api.create(SECRETS, secret("before"))
    await quota(api, count_secrets="5", pods="2", configmaps="1")
    await settled(api, {"count/secrets": "1", "pods": "0", "configmaps": "0"})
    await api.create(SECRETS, secret("after"))
    assert (await used(api))["count/secrets"] == "2"  # with the object itself, not a moment later
    await api.delete(f"{SECRETS}/before")
    await settled(api, {"count/secrets": "1", "pods": "0", "configmaps": "0"})


async def test_the_status_is_owned_by_who_counts(api: Api) -> None:
    await quota(api, count_secrets="5")
    await settled(api, {"count/secrets": "0"})
    records = (await api.get(f"{QUOTAS}/q")).body["metadata"]["managedFields"]
    assert [(r["manager"], r.get("subresource", "")) for r in records] == [
        ("kube-controller-manager", "status"),
        ("unknown", ""),
    ]
    assert set(records[0]["fieldsV1"]["f:status"]) == {"f:hard", "f:used"}


async def test_what_does_not_fit_is_refused(api: Api) -> None:
    await quota(api, count_secrets="1", services="0")
    assert (await api.post(SECRETS, secret("a"))).status == 201
    answer = await api.post(SECRETS, secret("b"))
    assert (answer.status, answer.body["reason"]) == (403, "Forbidden")
    assert answer.message == (
        'secrets "b" is forbidden: exceeded quota: q, requested: count/secrets=1, used: count/secrets=1, '
        "limited: count/secrets=1"
    )
    assert (await api.post(SECRETS, secret("b"), dryRun="All")).status == 403
    service = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    assert "requested: services=1" in (await api.post(SERVICES, service)).message
    await api.delete(f"{SECRETS}/a")
    assert (await api.post(SECRETS, secret("b"))).status == 201  # room is free at once, not when somebody has counted


async def test_a_pod_must_state_what_is_bounded(api: Api) -> None:
    await quota(api, **{"requests.cpu": "1"})
    answer = await api.post(PODS, pod("p"))
    assert answer.message == 'pods "p" is forbidden: failed quota: q: must specify requests.cpu for: c'
    made = pod("p")
    made["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "600m"}}
    assert (await api.post(PODS, made)).status == 201
    await settled(api, {"requests.cpu": "600m"})
    made["metadata"]["name"] = "q"
    assert "used: requests.cpu=600m, limited: requests.cpu=1" in (await api.post(PODS, made)).message


async def test_a_resize_is_charged(api: Api) -> None:
    await quota(api, **{"requests.cpu": "1"})
    made = pod("p")
    made["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "600m"}}
    await api.create(PODS, made)

    def resized(cpu: str) -> JSON:
        return {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}}

    refused = await api.patch(f"{PODS}/p/resize", resized("1100m"), "strategic")
    assert (refused.status, "requested: requests.cpu=500m" in refused.message) == (403, True), refused
    assert (await api.patch(f"{PODS}/p/resize", resized("900m"), "strategic")).status == 200
    await settled(api, {"requests.cpu": "900m"})
    assert (await api.patch(f"{PODS}/p/resize", resized("100m"), "strategic")).status == 200
    await settled(api, {"requests.cpu": "100m"})


async def test_a_service_that_opens_ports_is_charged(api: Api) -> None:
    await quota(api, **{"services.nodeports": "1"})
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
    await api.create(SERVICES, {"metadata": {"name": "s"}, "spec": {"ports": ports}})
    opened = await api.patch(f"{SERVICES}/s", {"spec": {"type": "NodePort"}})
    assert (opened.status, "requested: services.nodeports=2" in opened.message) == (403, True), opened
    assert (await api.patch(f"{SERVICES}/s", {"spec": {"type": "NodePort", "ports": ports[:1]}})).status == 200
    await settled(api, {"services.nodeports": "1"})


CLAIMS = "/api/v1/namespaces/ns/persistentvolumeclaims"


def claim(name: str, storage: str, storage_class: str) -> JSON:
    resources = {"requests": {"storage": storage}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": resources, "storageClassName": storage_class}
    return {"metadata": {"name": name}, "spec": spec}


async def test_storage_is_counted_by_class(api: Api) -> None:
    fast = "fast.storageclass.storage.k8s.io/requests.storage"
    await api.create(QUOTAS, {"metadata": {"name": "q"}, "spec": {"hard": {fast: "5Gi", "requests.storage": "20Gi"}}})
    await api.create(CLAIMS, claim("a", "4Gi", "fast"))
    await api.create(CLAIMS, claim("b", "10Gi", "slow"))
    refused = await api.post(CLAIMS, claim("c", "2Gi", "fast"))
    assert (refused.status, f"requested: {fast}=2Gi, used: {fast}=4Gi, limited: {fast}=5Gi" in refused.message) == (
        403,
        True,
    )
    await settled(api, {fast: "4Gi", "requests.storage": "14Gi"})


async def test_ended_pods_free_their_room(api: Api) -> None:
    await quota(api, pods="1", count_pods="5")
    await api.create(PODS, pod("a"))
    assert (await api.post(PODS, pod("b"))).status == 403
    await api.patch(f"{PODS}/a/status", {"status": {"phase": "Succeeded"}})
    assert (await api.post(PODS, pod("b"))).status == 201
    await settled(api, {"pods": "1", "count/pods": "2"})


async def test_scopes_choose_what_is_counted(api: Api) -> None:
    spec = {"hard": {"pods": "1"}, "scopes": ["BestEffort"]}
    await api.create(QUOTAS, {"metadata": {"name": "q"}, "spec": spec})
    steady = pod("steady")
    steady["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1"}}
    await api.create(PODS, pod("a"))
    await api.create(PODS, steady)
    assert (await api.post(PODS, pod("b"))).status == 403
    await settled(api, {"pods": "1"})


async def test_a_written_status_stays_until_something_is_counted(api: Api) -> None:
    await quota(api, pods="3")
    await settled(api, {"pods": "0"})
    wrong = {"status": {"hard": {"pods": "99"}, "used": {"pods": "7"}}}
    answer = await api.patch(f"{QUOTAS}/q/status", wrong)
    assert answer.body["status"] == wrong["status"]
    await api.create(SECRETS, secret("not-counted"))
    await _counted_elsewhere(api)
    assert (await api.get(f"{QUOTAS}/q/status")).body["status"] == wrong["status"]
    await api.create(PODS, pod("p"))  # is charged to what is really there
    assert (await api.get(f"{QUOTAS}/q")).body["status"] == {"hard": {"pods": "3"}, "used": {"pods": "1"}}


async def _counted_elsewhere(api: Api) -> None:
    """Have another namespace counted twice: what was to be counted before is counted by then."""
    await api.create("/api/v1/namespaces", {"metadata": {"name": "other"}})
    path = "/api/v1/namespaces/other"
    for number in (1, 2):
        await api.create(
            f"{path}/resourcequotas", {"metadata": {"name": f"q{number}"}, "spec": {"hard": {"pods": "1"}}}
        )
        async with asyncio.timeout(5):
            while not (await api.get(f"{path}/resourcequotas/q{number}")).body["status"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_changed_limits_are_counted_anew(api: Api) -> None:
    await quota(api, pods="3")
    await api.create(SECRETS, secret("s"))
    await api.patch(f"{QUOTAS}/q", {"spec": {"hard": {"secrets": "1"}}})
    await settled(api, {"pods": "0", "secrets": "1"})
    await api.delete(f"{QUOTAS}/q")
    await api.create(SECRETS, secret("t"))
    await quota(api, secrets="2")
    await settled(api, {"secrets": "2"})


async def test_creators_at_once_share_the_room(api: Api) -> None:
    await quota(api, "a", count_secrets="7")
    await quota(api, "b", secrets="5")
    answers = await asyncio.gather(*(api.post(SECRETS, secret(f"s{n}")) for n in range(30)))
    assert sorted(a.status for a in answers) == [201] * 5 + [403] * 25
    await settled(api, {"count/secrets": "5"}, "a")
    await settled(api, {"secrets": "5"}, "b")


async def test_two_servers_share_the_room() -> None:
    store = MemoryStore()
    async with running(store=store) as one, running(store=store) as two:
        apis = [Api(one), Api(two)]
        await apis[0].create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        await quota(apis[0], count_secrets="6")
        await until(lambda: all(s.registry.charger.endpoint.get("ns", "q") for s in (one, two)))
        answers = await asyncio.gather(*(apis[n % 2].post(SECRETS, secret(f"s{n}")) for n in range(24)))
        assert sorted(a.status for a in answers) == [201] * 6 + [403] * 18
        for api in apis:
            await settled(api, {"count/secrets": "6"})
            await api.close()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.integers(0, 5)),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("limit"), st.integers(0, 4)),
        st.tuples(st.just("wait"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_at_no_revision_is_more_used_than_allowed(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_deal(steps))


async def _deal(steps: list[tuple[str, int]]) -> None:
    """Interleave creates, deletes and new limits; then read back every moment there was."""
    async with running() as server:
        api = Api(server)
        await api.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        await quota(api, count_secrets="3")
        requests: list[Any] = []
        for what, number in steps:
            if what == "create":
                requests.append(asyncio.ensure_future(api.post(SECRETS, secret(f"s{number}"))))
            elif what == "delete":
                requests.append(asyncio.ensure_future(api.delete(f"{SECRETS}/s{number}")))
            elif what == "limit":
                body = {"spec": {"hard": {"count/secrets": str(number)}}}
                requests.append(asyncio.ensure_future(api.patch(f"{QUOTAS}/q", body)))
            else:
                await asyncio.gather(*requests)
                requests.clear()
        await asyncio.gather(*requests)
        present = {item["metadata"]["name"] for item in (await api.get(SECRETS)).body["items"]}
        await settled(api, {"count/secrets": str(len(present))})
        await _look_back(server.store, server.registry.feed.revision)
        await api.close()


async def _look_back(store: Store, last: int) -> None:
    """Whenever a secret came, it was within the limit of that moment, and was counted in that moment."""
    before = 0
    for revision in range(1, last + 1):
        secrets = await store.range("/registry/secrets/ns/", revision=revision)
        stored = await store.range("/registry/resourcequotas/ns/", revision=revision)
        if len(secrets.items) > before:
            [quota_then] = [json.loads(item.value) for item in stored.items]
            assert len(secrets.items) <= int(quota_then["spec"]["hard"]["count/secrets"])
            assert len(secrets.items) <= int(quota_then["status"]["used"]["count/secrets"])
        before = len(secrets.items)
